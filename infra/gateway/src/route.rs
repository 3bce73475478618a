//! Where requests go. The API's id changes with deployments, so the file is looked at again for each request.

use std::path::PathBuf;
use std::sync::Mutex;
use std::time::SystemTime;

use serde_json::Value;

/// One stage of one API of the emulator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub(crate) aws_port: u16,
    pub(crate) api_id: String,
    pub(crate) stage: String,
    /// In bytes, from which on answers are compressed. None where the template sets none.
    pub(crate) minimum_compression_size: Option<usize>,
}

impl Route {
    fn parse(text: &str) -> Option<Self> {
        let route: Value = serde_json::from_str(text).ok()?;
        Some(Self {
            aws_port: u16::try_from(route["aws_port"].as_u64()?).ok()?,
            api_id: route["api_id"].as_str()?.to_owned(),
            stage: route["stage"].as_str()?.to_owned(),
            minimum_compression_size: route["minimum_compression_size"]
                .as_u64()
                .and_then(|size| usize::try_from(size).ok()),
        })
    }

    /// The host by which the emulator knows the API.
    pub(crate) fn host(&self) -> String {
        format!("{}.execute-api.localhost:{}", self.api_id, self.aws_port)
    }

    /// Where the emulator has the resource. Path and query are kept byte for byte.
    pub(crate) fn address(&self, path_and_query: &str) -> String {
        format!("http://127.0.0.1:{}/{}{path_and_query}", self.aws_port, self.stage)
    }
}

/// The file with the route, read again when it changed.
pub(crate) struct RouteFile {
    path: PathBuf,
    last: Mutex<Option<(SystemTime, Route)>>,
}

impl RouteFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            last: Mutex::new(None),
        }
    }

    /// The present route; none before the first deployment.
    pub(crate) fn route(&self) -> Option<Route> {
        let modified = self.path.metadata().and_then(|it| it.modified()).ok()?;
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some((at, route)) = &*last
            && *at == modified
        {
            return Some(route.clone());
        }
        let route = Route::parse(&std::fs::read_to_string(&self.path).ok()?)?;
        *last = Some((modified, route.clone()));
        Some(route)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_route_follows_its_file() {
        let path = std::env::temp_dir().join(format!("gateway-route-{}", std::process::id()));
        let file = RouteFile::new(path.clone());
        assert_eq!(file.route(), None);
        let route = r#"{"aws_port": 4566, "api_id": "a", "stage": "live", "minimum_compression_size": 1024}"#;
        std::fs::write(&path, route).unwrap();
        let route = file.route().unwrap();
        assert_eq!(route.minimum_compression_size, Some(1024));
        assert_eq!(route.host(), "a.execute-api.localhost:4566");
        assert_eq!(
            route.address("/x%2Fy?q=%20+"),
            "http://127.0.0.1:4566/live/x%2Fy?q=%20+"
        );
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, r#"{"aws_port": 4566, "api_id": "b", "stage": "live"}"#).unwrap();
        std::fs::File::open(&path)
            .unwrap()
            .set_modified(SystemTime::UNIX_EPOCH)
            .unwrap();
        assert_eq!(file.route().unwrap().api_id, "b");
        std::fs::remove_file(&path).unwrap();
    }
}
