//! The three ports of a stand.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Where a stand listens, on this machine only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ports {
    pub(crate) product: u16,
    pub(crate) sandbox: u16,
    pub(crate) aws: u16,
}

impl Default for Ports {
    fn default() -> Self {
        Self {
            product: 8080,
            sandbox: 8090,
            aws: 4566,
        }
    }
}

impl Ports {
    /// Three ports that nobody uses at the moment.
    pub(crate) fn free() -> Result<Self> {
        let listen = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        // All three are held until all are known: a port let go at once could be handed out twice.
        let listeners = [listen(), listen(), listen()];
        let mut ports = [0; 3];
        for (port, listener) in ports.iter_mut().zip(&listeners) {
            *port = listener
                .as_ref()
                .ok()
                .context("No free port was found on this machine.")?
                .local_addr()?
                .port();
        }
        let [product, sandbox, aws] = ports;
        Ok(Self { product, sandbox, aws })
    }

    pub(crate) fn differ(&self) -> bool {
        self.product != self.sandbox && self.product != self.aws && self.sandbox != self.aws
    }

    /// Fails with a sentence that names the flag when somebody else listens on one of them.
    pub(crate) fn check_free(&self) -> Result<()> {
        for (flag, port) in [
            ("--port", self.product),
            ("--sandbox-port", self.sandbox),
            ("--aws-port", self.aws),
        ] {
            if is_busy(port) {
                bail!(
                    "Port {port} is used by another program: stop that one, or choose another port with `{flag}`, \
                     for example `cargo xtask up {flag} {}`.",
                    port.checked_add(1000).unwrap_or(port - 1000)
                );
            }
        }
        Ok(())
    }

    pub(crate) fn product_url(&self) -> String {
        format!("http://localhost:{}", self.product)
    }

    pub(crate) fn sandbox_url(&self) -> String {
        format!("http://localhost:{}", self.sandbox)
    }

    pub(crate) fn aws_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.aws)
    }
}

/// Whether anything answers on the port, whatever address it listens on, or the port cannot be had.
pub(crate) fn is_busy(port: u16) -> bool {
    answers(port) || TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err()
}

/// Whether a connection to the port on 127.0.0.1 is accepted.
pub(crate) fn answers(port: u16) -> bool {
    TcpStream::connect_timeout(
        &SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        Duration::from_millis(500),
    )
    .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_port_is_named_with_its_flag() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let ports = Ports {
            sandbox: port,
            ..Ports::free().unwrap()
        };
        let problem = ports.check_free().unwrap_err().to_string();
        assert!(
            problem.contains(&port.to_string()) && problem.contains("--sandbox-port"),
            "{problem}"
        );
    }

    #[test]
    fn free_ports_are_three_and_free() {
        let ports = Ports::free().unwrap();
        assert!(ports.differ());
        assert!(ports.check_free().is_ok());
    }
}
