//! What a client sends to `/oauth/token`, from a form or JSON, with its credentials in it or in a Basic header.

use base64::{Engine, engine::general_purpose::STANDARD};
use gusset_adapters::http::Incoming;
use gusset_domain::service_account::ServiceAccountId;
use lambda_http::http::header;
use serde::Deserialize;

/// Longer values are no client's of ours.
const LONGEST: usize = 512;

/// A client's claim, well-formed: whether it is true is for the table to say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Credentials {
    /// The client.
    pub(crate) client: ServiceAccountId,
    /// The secret that it shows.
    pub(crate) secret: String,
}

/// Why there is no token, in the RFC's words and in ours.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// RFC 6749's name for it.
    pub(crate) error: &'static str,
    /// What to do about it.
    pub(crate) description: &'static str,
}

/// The parameters. A field that comes twice is an error of the reader; fields of other grants are left alone, as the RFC
/// asks.
#[derive(Debug, Default, Deserialize)]
struct Parameters {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

impl Refused {
    /// The client is not known, or its secret is not this one: which of them is not told.
    pub(crate) fn client() -> Self {
        Self {
            error: "invalid_client",
            description: "The client id and secret are not those of a service account. The secret may have been rotated, \
                          or the account deleted.",
        }
    }

    /// Whether the client has to show other credentials.
    pub(crate) fn is_about_client(&self) -> bool {
        self.error == "invalid_client"
    }

    fn request(description: &'static str) -> Self {
        Self {
            error: "invalid_request",
            description,
        }
    }
}

impl Credentials {
    /// Reads a request.
    pub(crate) fn read(incoming: &Incoming) -> Result<Self, Refused> {
        let body = incoming
            .bytes()
            .map_err(|_| Refused::request("The body is too large."))?;
        let media_type = incoming.header(header::CONTENT_TYPE).unwrap_or_default();
        Self::understand(media_type, body, incoming.header(header::AUTHORIZATION))
    }

    fn understand(media_type: &str, body: &[u8], authorization: Option<&str>) -> Result<Self, Refused> {
        let given = Parameters::read(media_type, body)?;
        match given.grant_type.as_deref() {
            Some("client_credentials") => {}
            Some(_) => {
                return Err(Refused {
                    error: "unsupported_grant_type",
                    description: "grant_type has to be client_credentials.",
                });
            }
            None => {
                return Err(Refused::request(
                    "grant_type is missing: client_credentials is expected.",
                ));
            }
        }
        if given.scope.is_some() {
            return Err(Refused {
                error: "invalid_scope",
                description: "Tokens have no scopes: what one may do follows from its service account. Leave scope out.",
            });
        }
        let (client, secret) = match authorization {
            None => (given.client_id, given.client_secret),
            Some(header) => {
                let (client, secret) = basic(header)?;
                // Naming the client in the form as well is common, and harmless; proving it twice is neither.
                if given.client_secret.is_some() || given.client_id.is_some_and(|named| named != client) {
                    return Err(Refused::request(
                        "Send the client's credentials once: in the Authorization header or in the form.",
                    ));
                }
                (Some(client), Some(secret))
            }
        };
        let (Some(client), Some(secret)) = (client, secret) else {
            return Err(Refused::request("client_id and client_secret are needed."));
        };
        let fits = |text: &str| text.len() <= LONGEST && !text.contains(char::is_control);
        if !fits(&client) || !fits(&secret) {
            return Err(Refused::request("client_id or client_secret is too long, or not text."));
        }
        Ok(Self {
            client: client.parse().map_err(|_| Refused::client())?,
            secret,
        })
    }
}

impl Parameters {
    fn read(media_type: &str, body: &[u8]) -> Result<Self, Refused> {
        let kind = media_type.split(';').next().unwrap_or_default().trim();
        let read: Option<Self> = if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            serde_urlencoded::from_bytes(body).ok()
        } else if kind.eq_ignore_ascii_case("application/json") {
            // A list would be read as the fields in their order.
            let is_object = body.trim_ascii_start().starts_with(b"{");
            serde_json::from_slice(body).ok().filter(|_| is_object)
        } else {
            return Err(Refused::request(
                "The Content-Type has to be application/x-www-form-urlencoded or application/json.",
            ));
        };
        let read = read.ok_or_else(|| {
            Refused::request("The body cannot be read: each field comes at most once, and is a text.")
        })?;
        // A parameter without a value counts as left out (RFC 6749, section 3.2).
        let filled = |value: Option<String>| value.filter(|value| !value.is_empty());
        Ok(Self {
            grant_type: filled(read.grant_type),
            client_id: filled(read.client_id),
            client_secret: filled(read.client_secret),
            scope: filled(read.scope),
        })
    }
}

/// A Basic header's client id and secret, each form-encoded as RFC 6749, section 2.3.1 has it.
fn basic(header: &str) -> Result<(String, String), Refused> {
    let wrong = || Refused::request("The Authorization header has to be Basic, with the client's id and secret.");
    let (scheme, encoded) = header.trim().split_once(' ').ok_or_else(wrong)?;
    if !scheme.eq_ignore_ascii_case("Basic") || encoded.len() > 4 * LONGEST {
        return Err(wrong());
    }
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| wrong())?;
    let decoded = String::from_utf8(decoded).map_err(|_| wrong())?;
    let (client, secret) = decoded.split_once(':').ok_or_else(wrong)?;
    Ok((form_decoded(client), form_decoded(secret)))
}

fn form_decoded(text: &str) -> String {
    // "=" begins the value, so that the whole text is one.
    let pair = format!("={}", text.replace('&', "%26"));
    url::form_urlencoded::parse(pair.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";
    const CLIENT: &str = "gsa_20001_00000000000000ff";

    fn error(media_type: &str, body: &str, authorization: Option<&str>) -> &'static str {
        match Credentials::understand(media_type, body.as_bytes(), authorization) {
            Ok(_) => "",
            Err(refused) => refused.error,
        }
    }

    fn basic_header(client: &str, secret: &str) -> String {
        format!("Basic {}", STANDARD.encode(format!("{client}:{secret}")))
    }

    #[test]
    fn a_form_json_and_a_basic_header_say_the_same() {
        let expected = Credentials {
            client: CLIENT.parse().unwrap(),
            secret: "a&b:c".to_owned(),
        };
        let form = format!("grant_type=client_credentials&client_id={CLIENT}&client_secret=a%26b%3Ac&extra=1");
        let json = serde_json::json!({
            "grant_type": "client_credentials", "client_id": CLIENT, "client_secret": "a&b:c", "extra": [1],
        });
        let header = basic_header(CLIENT, "a%26b%3Ac");
        for (media_type, body, header) in [
            (FORM, form.as_str(), None),
            ("application/json", json.to_string().as_str(), None),
            (FORM, "grant_type=client_credentials", Some(header.as_str())),
            (
                FORM,
                "grant_type=client_credentials&client_secret=",
                Some(header.as_str()),
            ),
        ] {
            let read = Credentials::understand(media_type, body.as_bytes(), header);
            assert_eq!(read.as_ref(), Ok(&expected), "{body}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_as_the_rfc_has_it() {
        let good = format!("grant_type=client_credentials&client_id={CLIENT}&client_secret=s");
        let long = format!(
            "grant_type=client_credentials&client_id={CLIENT}&client_secret={}",
            "x".repeat(600)
        );
        let header = basic_header(CLIENT, "s");
        let other = basic_header("gsa_1_0000000000000001", "s");
        let named = format!("grant_type=client_credentials&client_id={CLIENT}");
        for (expected, media_type, body, authorization) in [
            ("", FORM, good.as_str(), None),
            ("invalid_request", FORM, "", None),
            ("invalid_request", FORM, "grant_type=", None),
            ("invalid_request", FORM, &format!("{good}&client_id={CLIENT}"), None),
            (
                "invalid_request",
                FORM,
                &format!("{good}&grant_type=client_credentials"),
                None,
            ),
            ("invalid_request", FORM, &named, None),
            ("invalid_request", FORM, &long, None),
            ("invalid_request", FORM, &format!("{good}%00"), None),
            ("invalid_request", "text/plain", &good, None),
            ("invalid_request", "", &good, None),
            ("invalid_request", "application/json", &good, None),
            ("invalid_request", "application/json", "[\"client_credentials\"]", None),
            ("invalid_request", "application/json", "{\"grant_type\": 5}", None),
            (
                "invalid_request",
                "application/json",
                "{\"grant_type\": \"a\", \"grant_type\": \"client_credentials\"}",
                None,
            ),
            ("invalid_request", FORM, &good, Some(header.as_str())),
            ("", FORM, &named, Some(&header)),
            ("invalid_request", FORM, &named, Some(&other)),
            ("invalid_request", FORM, &named, Some("Bearer x")),
            ("invalid_request", FORM, &named, Some("Basic !")),
            ("invalid_request", FORM, &named, Some("Basic")),
            (
                "unsupported_grant_type",
                FORM,
                &good.replace("client_credentials", "password"),
                None,
            ),
            ("invalid_scope", FORM, &format!("{good}&scope=all"), None),
            ("invalid_client", FORM, &good.replace("gsa_", "gsb_"), None),
        ] {
            assert_eq!(
                error(media_type, body, authorization),
                expected,
                "{media_type} {body} {authorization:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_the_reader_panic(body: Vec<u8>, header: Option<String>, json: bool) {
            let media_type = if json { "application/json" } else { FORM };
            let _ = Credentials::understand(media_type, &body, header.as_deref());
        }
    }
}
