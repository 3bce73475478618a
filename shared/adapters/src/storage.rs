//! The files of plans, and archives of them, in S3.
//!
//! A file's key is its account and its content: whoever writes the same file twice writes the same object, and nobody
//! chooses a key. The bucket is private. People get at a file by a link that is signed, says under which name the file is
//! saved, and ends soon.

use std::{
    fmt,
    time::{Duration, SystemTime},
};

use aws_sdk_s3::{
    Client, Config,
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    presigning::PresigningConfig,
    primitives::{ByteStream, SdkBody},
    types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart},
};
use aws_smithy_types::timeout::TimeoutConfig;
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt, stream};
use gusset_domain::{
    ids::ProjectId,
    items::attachment::{self, FileName},
    marker::Reference,
    send::Tool,
};
use jiff::Timestamp;
use ring::digest::{SHA256, digest};
use url::Url;
use uuid::Uuid;

use crate::{
    aws::Aws,
    settings::{self, ConfigError},
    spool::Spooled,
};

/// Bytes of an archive's part, which are kept in memory until they are sent. S3 takes parts from 5 MiB on, and ten thousand of
/// them: archives of up to 80 GB.
const PART: usize = 8 * 1024 * 1024;

/// The slowest that sending a file may be, in bytes a second. From within AWS it is a hundred times as fast.
const SLOWEST: u64 = 1_000_000;

/// How long S3 may take to put an archive together from its parts.
const COMPLETING: Duration = Duration::from_secs(120);

/// For how long a picture's link stays the same.
const PICTURE: Duration = Duration::from_secs(60 * 60);

/// What browsers show by themselves without running anything that is in it.
const SHOWN: &[&str] = &[
    "application/pdf",
    "image/gif",
    "image/jpeg",
    "image/png",
    "image/webp",
    "text/plain",
];

/// Why the storage did not do what it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// There is nothing under the key.
    #[error("the storage has no such file")]
    NotThere,
    /// A file was to be put under the key of another one.
    #[error("the file is not the one that its key says")]
    AnotherFile,
    /// It did not answer as it should.
    #[error("the storage: {0}")]
    Failed(String),
}

impl StorageError {
    fn new<E: std::error::Error>(error: E) -> Self {
        Self::Failed(DisplayErrorContext(error).to_string())
    }

    fn of<E: ProvideErrorMetadata + std::error::Error + 'static, R: fmt::Debug + 'static>(
        error: SdkError<E, R>,
    ) -> Self {
        match error.code() {
            // `HEAD` has no body that could say more than the status.
            Some("NoSuchKey" | "NotFound") => Self::NotThere,
            _ => Self::new(error),
        }
    }
}

/// A text that is no SHA-256 in lower-case hexadecimal digits, and becomes no part of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("64 lower-case hexadecimal digits are expected")]
pub struct NotADigest;

/// Where something lies in the bucket.
pub trait Key: sealed::Sealed {
    /// The key.
    fn as_str(&self) -> &str;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::FileKey {}
    impl Sealed for super::ArchiveKey {}
    impl Sealed for super::CheckpointKey {}
}

/// The key of a file: whose it is, and what is in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileKey(String);

/// The key of an archive: whose it is, and the fingerprint of what is in it. What is under such keys is gone after a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ArchiveKey(String);

/// The key of the pages of a list that met a limit: what goes on there reads them, and asks for the others only. What is under such
/// keys is gone after a day.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CheckpointKey(String);

impl CheckpointKey {
    /// The key for one look at an account's plans of a project.
    #[must_use]
    pub fn of_plans(account: Uuid, project: ProjectId, look: u128) -> Self {
        Self(format!("looks/{}/{project}-{look:x}.json", account.hyphenated()))
    }

    /// The key for the look through a tool of a project that a sweep began then.
    #[must_use]
    pub fn of_sweep(project: ProjectId, tool: Tool, began: Timestamp) -> Self {
        Self(format!(
            "checkpoints/sweeps/{project}/{tool}-{}.json",
            began.as_nanosecond()
        ))
    }

    /// The key for the look for a delivery's copy that began then.
    #[must_use]
    pub fn of_look(reference: &Reference, began: Timestamp) -> Self {
        Self(format!(
            "checkpoints/copies/looks/{reference}-{}.json",
            began.as_nanosecond()
        ))
    }

    /// The key for a project's list of a kind of places.
    #[must_use]
    pub fn of_places(project: ProjectId, kind: PlaceKind) -> Self {
        let kind = match kind {
            PlaceKind::Locations => "locations",
            PlaceKind::Sections => "sections",
        };
        Self(format!("checkpoints/copies/places/{project}/{kind}.json"))
    }
}

/// A kind of places that a project lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// Locations.
    Locations,
    /// Sections of the specifications.
    Sections,
}

impl Key for CheckpointKey {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl FileKey {
    /// The key of an account's file with this SHA-256.
    ///
    /// # Errors
    /// [`NotADigest`].
    pub fn of(account: Uuid, sha256: &str) -> Result<Self, NotADigest> {
        let sha256 = digest_only(sha256)?;
        Ok(Self(format!("accounts/{}/files/{sha256}", account.hyphenated())))
    }

    fn sha256(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl ArchiveKey {
    /// The key of an account's archive with this fingerprint, a SHA-256 as well.
    ///
    /// # Errors
    /// [`NotADigest`].
    pub fn of(account: Uuid, fingerprint: &str) -> Result<Self, NotADigest> {
        let fingerprint = digest_only(fingerprint)?;
        Ok(Self(format!("archives/{}/{fingerprint}.zip", account.hyphenated())))
    }
}

impl Key for FileKey {
    fn as_str(&self) -> &str {
        &self.0
    }
}

impl Key for ArchiveKey {
    fn as_str(&self) -> &str {
        &self.0
    }
}

fn digest_only(text: &str) -> Result<&str, NotADigest> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (text.len() == 64 && text.bytes().all(is_digit))
        .then_some(text)
        .ok_or(NotADigest)
}

/// What a browser does with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Saves it.
    Attachment,
    /// Shows it, if it is of a kind that browsers show without running anything in it. Saves it otherwise.
    Inline,
}

/// The bucket.
#[derive(Clone)]
pub struct Storage {
    client: Client,
    bucket: String,
}

impl Storage {
    /// The bucket that the template's settings name.
    ///
    /// # Errors
    /// [`ConfigError`], when they name none.
    pub fn from_environment(aws: &Aws) -> Result<Self, ConfigError> {
        Ok(Self {
            client: aws.s3(),
            bucket: settings::required("PLANS_BUCKET")?,
        })
    }

    /// How large what is under a key is, in bytes. `None` where there is nothing. One request.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn size(&self, key: &impl Key) -> Result<Option<u64>, StorageError> {
        let head = self.client.head_object().bucket(&self.bucket).key(key.as_str());
        match head.send().await.map_err(StorageError::of) {
            Ok(head) => Ok(Some(
                head.content_length()
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or_default(),
            )),
            Err(StorageError::NotThere) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether there is something under a key. One request.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn has(&self, key: &impl Key) -> Result<bool, StorageError> {
        Ok(self.size(key).await?.is_some())
    }

    /// Puts a file under its key, read from where it is spooled while it is sent. S3 refuses it where what arrives has
    /// another SHA-256. Doing it again does no harm, and a request that failed is sent again. At most 5 GB.
    ///
    /// # Errors
    /// [`StorageError::AnotherFile`], when the key is not that file's.
    pub async fn put(&self, key: &FileKey, file: &Spooled, content_type: &str) -> Result<(), StorageError> {
        if key.sha256() != file.sha256() {
            return Err(StorageError::AnotherFile);
        }
        let body = file.whole();
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type(attachment::content_type(Some(content_type)))
            .content_length(i64::try_from(file.size()).unwrap_or(i64::MAX))
            .checksum_sha256(in_base64(file.sha256()))
            .body(ByteStream::new(SdkBody::retryable(move || {
                SdkBody::from_body_1_x(body.clone())
            })));
        put.customize()
            .config_override(patience(file.size()))
            .send()
            .await
            .map(drop)
            .map_err(StorageError::of)
    }

    /// Saves a checkpoint, replacing any earlier one. One request.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn save_checkpoint(&self, key: &CheckpointKey, pages: Vec<u8>) -> Result<(), StorageError> {
        let put = self.client.put_object().bucket(&self.bucket).key(key.as_str());
        let put = put.content_type("application/json").body(ByteStream::from(pages));
        put.send().await.map(drop).map_err(StorageError::of)
    }

    /// Reads a checkpoint, if there is one. One request.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn checkpoint(&self, key: &CheckpointKey) -> Result<Option<Vec<u8>>, StorageError> {
        let mut pieces = match self.read(key).await {
            Ok(pieces) => std::pin::pin!(pieces),
            Err(StorageError::NotThere) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut pages = Vec::new();
        while let Some(piece) = pieces.try_next().await? {
            pages.extend_from_slice(&piece);
        }
        Ok(Some(pages))
    }

    /// A link to what is under a key, which anybody may follow for so long, at most a week: the file is then saved or
    /// shown under that name and as that kind. Nobody is asked, not even whether there is something under the key.
    ///
    /// # Errors
    /// [`StorageError::Failed`], when it is to last for more than a week.
    pub async fn link(
        &self,
        key: &impl Key,
        name: &FileName,
        content_type: &str,
        disposition: Disposition,
        lasts: Duration,
    ) -> Result<Url, StorageError> {
        let config = PresigningConfig::expires_in(lasts).map_err(StorageError::new)?;
        self.signed(key, name, content_type, disposition, config).await
    }

    async fn signed(
        &self,
        key: &impl Key,
        name: &FileName,
        content_type: &str,
        disposition: Disposition,
        config: PresigningConfig,
    ) -> Result<Url, StorageError> {
        let content_type = attachment::content_type(Some(content_type));
        let get = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .response_content_disposition(content_disposition(disposition, name, &content_type))
            .response_content_type(content_type);
        let signed = get.presigned(config).await.map_err(StorageError::new)?;
        Url::parse(signed.uri()).map_err(StorageError::new)
    }

    /// A link by which a page shows a picture. It is good for an hour at least, and the same for an hour, so that browsers
    /// keep the picture. Nobody is asked.
    ///
    /// # Errors
    /// [`StorageError::Failed`], when it cannot be signed.
    pub async fn picture(&self, key: &FileKey, content_type: &str, now: SystemTime) -> Result<Url, StorageError> {
        let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let hour = Duration::from_secs(since.as_secs() / PICTURE.as_secs() * PICTURE.as_secs());
        let name = FileName::nearest("picture");
        let config = PresigningConfig::builder()
            .start_time(SystemTime::UNIX_EPOCH + hour)
            .expires_in(PICTURE * 2);
        let config = config.build().map_err(StorageError::new)?;
        self.signed(key, &name, content_type, Disposition::Inline, config).await
    }

    /// What is under a key, read as it is asked for. An item that is an error is the last one.
    ///
    /// # Errors
    /// [`StorageError::NotThere`].
    pub async fn read<K: Key>(
        &self,
        key: &K,
    ) -> Result<impl Stream<Item = Result<Bytes, StorageError>> + Send + use<K>, StorageError> {
        let get = self.client.get_object().bucket(&self.bucket).key(key.as_str());
        let body = get.send().await.map_err(StorageError::of)?.body;
        Ok(stream::try_unfold(body, |mut body| async move {
            let piece = body.try_next().await.map_err(StorageError::new)?;
            Ok(piece.map(|piece| (piece, body)))
        }))
    }

    /// Begins an archive, which is there as soon as it is finished and not before.
    ///
    /// # Errors
    /// [`StorageError`].
    pub async fn begin(&self, key: &ArchiveKey) -> Result<Archive, StorageError> {
        let create = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type("application/zip")
            .checksum_algorithm(ChecksumAlgorithm::Sha256);
        let created = create.send().await.map_err(StorageError::of)?;
        let upload = created
            .upload_id
            .ok_or_else(|| StorageError::Failed("it began an upload without an id".to_owned()))?;
        Ok(Archive {
            storage: self.clone(),
            key: key.clone(),
            upload,
            part: Vec::with_capacity(PART),
            parts: Vec::new(),
            size: 0,
        })
    }
}

/// An archive on its way: of what is written, no more than one part is in memory. What is neither finished nor aborted is
/// removed by the bucket itself, a day later.
pub struct Archive {
    storage: Storage,
    key: ArchiveKey,
    upload: String,
    part: Vec<u8>,
    parts: Vec<CompletedPart>,
    size: u64,
}

impl Archive {
    /// How much was written, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds to the archive. Each full part is sent, which is one request.
    ///
    /// # Errors
    /// [`StorageError`]: the archive is of no use any more.
    pub async fn write(&mut self, mut bytes: &[u8]) -> Result<(), StorageError> {
        while !bytes.is_empty() {
            let room = bytes.len().min(PART - self.part.len());
            let (now, later) = bytes.split_at(room);
            self.part.extend_from_slice(now);
            self.size += room as u64;
            bytes = later;
            if self.part.len() == PART {
                self.send().await?;
            }
        }
        Ok(())
    }

    async fn send(&mut self) -> Result<(), StorageError> {
        let number = i32::try_from(self.parts.len() + 1).unwrap_or(i32::MAX);
        let part = Bytes::from(std::mem::replace(&mut self.part, Vec::with_capacity(PART)));
        let sha256 = STANDARD.encode(digest(&SHA256, &part));
        let size = part.len() as u64;
        let upload = self
            .storage
            .client
            .upload_part()
            .bucket(&self.storage.bucket)
            .key(self.key.as_str())
            .upload_id(&self.upload)
            .part_number(number)
            .checksum_sha256(&sha256)
            .body(ByteStream::from(part));
        let sent = upload.customize().config_override(patience(size)).send().await;
        let etag = sent.map_err(StorageError::of)?.e_tag;
        self.parts.push(
            CompletedPart::builder()
                .part_number(number)
                .set_e_tag(etag)
                .checksum_sha256(sha256)
                .build(),
        );
        Ok(())
    }

    /// Sends the rest, and has S3 put the parts together. Gives the archive's size in bytes.
    ///
    /// # Errors
    /// [`StorageError`]: there is no archive then, or it is whole and S3's answer was lost.
    pub async fn finish(mut self) -> Result<u64, StorageError> {
        if !self.part.is_empty() || self.parts.is_empty() {
            self.send().await?;
        }
        let parts = CompletedMultipartUpload::builder().set_parts(Some(std::mem::take(&mut self.parts)));
        let complete = self
            .storage
            .client
            .complete_multipart_upload()
            .bucket(&self.storage.bucket)
            .key(self.key.as_str())
            .upload_id(&self.upload)
            .multipart_upload(parts.build());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(COMPLETING);
        let timeouts = Config::builder().timeout_config(timeouts.build());
        match complete.customize().config_override(timeouts).send().await {
            Ok(_) => Ok(self.size),
            // The first answer was lost, and the client has asked again for what was done.
            Err(error)
                if error.code() == Some("NoSuchUpload") && self.storage.size(&self.key).await? == Some(self.size) =>
            {
                Ok(self.size)
            }
            Err(error) => Err(StorageError::of(error)),
        }
    }

    /// Lets go of what was sent.
    ///
    /// # Errors
    /// [`StorageError`]: the bucket does it by itself, a day later.
    pub async fn abort(self) -> Result<(), StorageError> {
        let abort = self
            .storage
            .client
            .abort_multipart_upload()
            .bucket(&self.storage.bucket)
            .key(self.key.as_str())
            .upload_id(&self.upload);
        abort.send().await.map(drop).map_err(StorageError::of)
    }
}

/// Where links to files lead, for a page's policy of what it may show. Needs no client, and so costs a page nothing.
///
/// # Errors
/// [`ConfigError`], when the settings name no bucket.
pub fn origin_from_environment() -> Result<String, ConfigError> {
    let endpoint = settings::optional("AWS_ENDPOINT_URL");
    Ok(origin(
        &settings::required("PLANS_BUCKET")?,
        &settings::required("AWS_REGION")?,
        endpoint.as_deref(),
    ))
}

/// Scheme, host and, where it is not the usual one, port.
fn origin(bucket: &str, region: &str, endpoint: Option<&str>) -> String {
    match endpoint {
        Some(endpoint) => {
            let endpoint = Url::parse(endpoint).map(|endpoint| endpoint.origin().ascii_serialization());
            endpoint.unwrap_or_default()
        }
        None => {
            let suffix = if region.starts_with("cn-") { ".cn" } else { "" };
            format!("https://{bucket}.s3.{region}.amazonaws.com{suffix}")
        }
    }
}

/// As long as sending so many bytes may take, with everything else as it is.
fn patience(size: u64) -> aws_sdk_s3::config::Builder {
    let attempt = Duration::from_secs(30 + size / SLOWEST);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(attempt)
        .operation_timeout(attempt * 2);
    Config::builder().timeout_config(timeouts.build())
}

/// A digest in hexadecimal digits as the headers of S3 want it.
fn in_base64(hexadecimal: &str) -> String {
    let digit = |byte: u8| (byte as char).to_digit(16).unwrap_or_default();
    let bytes = hexadecimal.as_bytes().chunks(2).map(|pair| {
        let value = pair.iter().fold(0, |value, byte| value * 16 + digit(*byte));
        u8::try_from(value).unwrap_or_default()
    });
    STANDARD.encode(bytes.collect::<Vec<u8>>())
}

/// The header by which a browser saves or shows a file under a name (RFC 6266): as it is for those that read `filename*`
/// (RFC 5987), and in ASCII for the others. The name can neither end the header nor begin another parameter.
fn content_disposition(disposition: Disposition, name: &FileName, content_type: &str) -> String {
    let kind = match disposition {
        Disposition::Inline if SHOWN.contains(&content_type) => "inline",
        Disposition::Inline | Disposition::Attachment => "attachment",
    };
    let plain = |character: char| match character {
        '"' | '\\' | '%' => '_',
        ' '..='~' => character,
        _ => '_',
    };
    let plain: String = name.as_str().chars().map(plain).collect();
    let mut encoded = String::new();
    for byte in name.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("{kind}; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
    use proptest::prelude::*;

    use super::*;
    use crate::spool::Spooling;

    const NOTHING: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn storage(region: &str, endpoint: Option<&str>) -> Storage {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(Credentials::new("id", "secret", Some("token".to_owned()), None, "test"))
            .region(Region::new(region.to_owned()));
        let config = match endpoint {
            Some(endpoint) => config.endpoint_url(endpoint).force_path_style(true),
            None => config,
        };
        Storage {
            client: Client::from_conf(config.build()),
            bucket: "gusset-plans-1".to_owned(),
        }
    }

    fn key() -> FileKey {
        FileKey::of(Uuid::nil(), NOTHING).unwrap()
    }

    async fn link(storage: &Storage, name: &str, content_type: &str, disposition: Disposition) -> Url {
        let lasts = Duration::from_secs(300);
        let name = FileName::nearest(name);
        storage
            .link(&key(), &name, content_type, disposition, lasts)
            .await
            .unwrap()
    }

    fn parameter(url: &Url, wanted: &str) -> Option<String> {
        let found = url.query_pairs().find(|(name, _)| name == wanted);
        found.map(|(_, value)| value.into_owned())
    }

    #[test]
    fn only_a_digest_becomes_part_of_a_key() {
        assert_eq!(
            key().as_str(),
            format!("accounts/00000000-0000-0000-0000-000000000000/files/{NOTHING}")
        );
        let archive = ArchiveKey::of(Uuid::nil(), NOTHING).unwrap();
        assert_eq!(
            archive.as_str(),
            format!("archives/00000000-0000-0000-0000-000000000000/{NOTHING}.zip")
        );
        for text in [
            "",
            "../../x",
            &NOTHING[1..],
            &NOTHING.to_uppercase(),
            &format!("{}/", &NOTHING[1..]),
        ] {
            assert_eq!(FileKey::of(Uuid::nil(), text), Err(NotADigest), "{text}");
        }
    }

    #[test]
    fn a_digest_is_the_same_in_base64() {
        assert_eq!(in_base64(NOTHING), STANDARD.encode(digest(&SHA256, b"")));
    }

    #[tokio::test]
    async fn a_file_does_not_get_anothers_key() {
        let mut file = Spooling::new().unwrap();
        file.write(b"another").unwrap();
        let refused = storage("us-east-1", None)
            .put(&key(), &file.finish(), "text/plain")
            .await;
        assert!(matches!(refused, Err(StorageError::AnotherFile)));
    }

    #[tokio::test]
    async fn links_lead_where_the_page_is_told_that_they_do() {
        for (region, endpoint) in [
            ("us-east-1", None),
            ("eu-central-1", None),
            ("us-gov-west-1", None),
            ("cn-north-1", None),
            ("us-east-1", Some("http://127.0.0.1:4566")),
        ] {
            let url = link(
                &storage(region, endpoint),
                "a.pdf",
                "application/pdf",
                Disposition::Inline,
            )
            .await;
            assert_eq!(
                url.origin().ascii_serialization(),
                origin("gusset-plans-1", region, endpoint)
            );
            assert!(url.path().ends_with(key().as_str()), "{url}");
        }
    }

    #[tokio::test]
    async fn a_link_says_how_the_file_is_called_and_when_it_ends() {
        let storage = storage("us-east-1", None);
        let url = link(&storage, "Grundriß \"1\".pdf", "application/pdf", Disposition::Inline).await;
        assert_eq!(parameter(&url, "X-Amz-Expires").as_deref(), Some("300"));
        assert_eq!(parameter(&url, "X-Amz-Security-Token").as_deref(), Some("token"));
        assert_eq!(
            parameter(&url, "response-content-type").as_deref(),
            Some("application/pdf")
        );
        assert_eq!(
            parameter(&url, "response-content-disposition").as_deref(),
            Some("inline; filename=\"Grundri_ -1-.pdf\"; filename*=UTF-8''Grundri%C3%9F%20-1-.pdf")
        );
        let too_long = storage
            .link(
                &key(),
                &FileName::nearest("a"),
                "a/b",
                Disposition::Inline,
                Duration::from_secs(604_801),
            )
            .await;
        assert!(too_long.is_err());
    }

    #[tokio::test]
    async fn a_pictures_link_is_the_same_for_an_hour_and_good_for_another() {
        let storage = storage("us-east-1", None);
        let at = |second| SystemTime::UNIX_EPOCH + Duration::from_secs(second);
        let link = async |second| storage.picture(&key(), "image/png", at(second)).await.unwrap();
        let first = link(7_200).await;
        assert_eq!(first, link(10_799).await);
        assert_ne!(first, link(10_800).await);
        assert_eq!(parameter(&first, "X-Amz-Date").as_deref(), Some("19700101T020000Z"));
        assert_eq!(parameter(&first, "X-Amz-Expires").as_deref(), Some("7200"));
    }

    #[tokio::test]
    async fn what_could_run_is_saved_and_never_shown() {
        let storage = storage("us-east-1", None);
        for (content_type, expected) in [
            ("application/pdf", "inline"),
            ("image/png", "inline"),
            ("text/html", "attachment"),
            ("image/svg+xml", "attachment"),
            ("application/pdf\r\nX: y", "attachment"),
        ] {
            let url = link(&storage, "a", content_type, Disposition::Inline).await;
            let said = parameter(&url, "response-content-disposition").unwrap();
            assert!(said.starts_with(&format!("{expected};")), "{content_type}: {said}");
        }
    }

    /// What a browser makes of `filename*`.
    fn decoded(encoded: &str) -> String {
        let query = format!("name={encoded}");
        let name = url::form_urlencoded::parse(query.as_bytes()).next().unwrap().1;
        name.into_owned()
    }

    proptest! {
        #[test]
        fn any_name_arrives_whole_and_stays_in_its_place(name: String) {
            let name = FileName::nearest(&name);
            let header = content_disposition(Disposition::Attachment, &name, "application/pdf");
            prop_assert!(header.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{header}");
            let rest = header.strip_prefix("attachment; filename=\"").unwrap();
            let (plain, encoded) = rest.split_once("\"; filename*=UTF-8''").unwrap();
            prop_assert!(!plain.contains(['"', '\\']));
            prop_assert!(!encoded.contains([';', '"', '\'', ' ', ',', '*', '(', ')']));
            prop_assert_eq!(decoded(encoded), name.as_str());
        }
    }
}
