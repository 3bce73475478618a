//! Callers from addresses of their own: what is limited for one address must not be shared by all stories.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::net::{TcpListener, TcpSocket};
use url::Url;

use crate::{Stand, stand::client};

/// An address of this machine that nobody else comes from. All of 127.0.0.0/8 is it on Linux.
pub fn own_address() -> Ipv4Addr {
    let [_, a, b, c] = fastrand::u32(..).to_be_bytes();
    // Not 127.0.…, from which people come who do not mind.
    Ipv4Addr::new(127, a.max(1), b, c.clamp(1, 254))
}

impl Stand {
    /// The same stand, reached from an address that nobody else comes from.
    pub fn elsewhere(&self) -> Self {
        Self {
            http: client(Some(IpAddr::V4(own_address()))),
            ..self.clone()
        }
    }

    /// An address of Gusset's for a program that cannot choose where it comes from: whoever uses it comes from an address that
    /// nobody else comes from. It lasts as long as the test.
    pub async fn gusset_from_elsewhere(&self) -> String {
        let port = Url::parse(&self.gusset).unwrap().port().unwrap();
        let gusset = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let from = SocketAddr::from((own_address(), 0));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let here = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut caller, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let socket = TcpSocket::new_v4().unwrap();
                    socket.bind(from).unwrap();
                    if let Ok(mut gusset) = socket.connect(gusset).await {
                        // Either side may hang up at any time.
                        let _ = tokio::io::copy_bidirectional(&mut caller, &mut gusset).await;
                    }
                });
            }
        });
        format!("http://{here}")
    }
}
