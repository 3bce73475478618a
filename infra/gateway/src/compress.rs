//! Compression, as API Gateway does it where the API has a `MinimumCompressionSize`.

use std::io::Write;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use flate2::{Compression, write::GzEncoder};

use crate::problem;

/// API Gateway's limit for an answer's body.
const LARGEST_BODY: usize = 10 * 1024 * 1024;

/// Whether whoever asks takes gzip.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = accepted
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
        let refused = weight.trim().strip_prefix("q=").and_then(|weight| weight.parse().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !refused
    })
}

/// The answer, compressed where its body has `minimum` bytes or more and is not compressed already.
pub(crate) async fn compressed(answer: Response, minimum: usize) -> Response {
    if answer.headers().contains_key(header::CONTENT_ENCODING) {
        return answer;
    }
    let (mut parts, body) = answer.into_parts();
    let Ok(body) = to_bytes(body, LARGEST_BODY).await else {
        return problem::no_emulator();
    };
    if body.len() < minimum {
        return Response::from_parts(parts, Body::from(body));
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let Ok(small) = gzip.write_all(&body).and_then(|()| gzip.finish()) else {
        return Response::from_parts(parts, Body::from(body));
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    parts
        .headers
        .insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Response::from_parts(parts, Body::from(small))
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn gzip_is_used_where_it_is_taken() {
        for (accepted, takes) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5, br", true),
            ("gzip;q=0", false),
            ("br, deflate", false),
            ("identity", false),
        ] {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accepted))]);
            assert_eq!(accepts_gzip(&headers), takes, "{accepted}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn what_is_large_is_compressed_and_what_is_small_is_not() {
        let page = "<p>Pier 9 Tower</p>".repeat(100);
        let answer = || Response::new(Body::from(page.clone()));
        let large = compressed(answer(), 1024).await;
        assert_eq!(large.headers()[header::CONTENT_ENCODING], "gzip");
        let body = to_bytes(large.into_body(), LARGEST_BODY).await.unwrap();
        assert!(body.len() < page.len() / 5, "{}", body.len());
        let mut text = String::new();
        GzDecoder::new(&body[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, page);

        let small = compressed(answer(), page.len() + 1).await;
        assert!(!small.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(to_bytes(small.into_body(), LARGEST_BODY).await.unwrap(), page);
    }
}
