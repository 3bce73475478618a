//! AWS clients that start fast: credentials and region from the Lambda environment and from nowhere else, one TLS stack.
//!
//! `aws-config` is left out on purpose: it looks in files, asks the instance metadata service, and brings in the
//! clients of two more services. A Lambda function is always given its credentials in the environment, and keeps them
//! for the life of the process.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};

use crate::settings::{self, ConfigError};

/// Makes the clients of the AWS services.
pub struct Aws {
    http: aws_sdk_dynamodb::config::SharedHttpClient,
    credentials: Credentials,
    region: String,
    endpoint: Option<String>,
}

macro_rules! client {
    ($(#[$doc:meta])* $name:ident, $sdk:ident) => {
        $(#[$doc])*
        #[must_use]
        pub fn $name(&self) -> $sdk::Client {
            let config = $sdk::Config::builder()
                .behavior_version_latest()
                .http_client(self.http.clone())
                .credentials_provider(self.credentials.clone())
                .region($sdk::config::Region::new(self.region.clone()))
                .timeout_config(timeouts())
                .retry_config(RetryConfig::standard().with_max_attempts(4));
            let config = match &self.endpoint {
                Some(endpoint) => config.endpoint_url(endpoint),
                None => config,
            };
            $sdk::Client::from_conf(config.build())
        }
    };
}

impl Aws {
    /// Reads the variables that Lambda sets, and `AWS_ENDPOINT_URL`, by which the SDKs are sent to an emulator.
    ///
    /// # Errors
    /// [`ConfigError`], where there are no credentials: the program does not run as a Lambda function.
    pub fn from_environment() -> Result<Self, ConfigError> {
        let credentials = Credentials::new(
            settings::required("AWS_ACCESS_KEY_ID")?,
            settings::required("AWS_SECRET_ACCESS_KEY")?,
            settings::optional("AWS_SESSION_TOKEN"),
            None,
            "the Lambda environment",
        );
        Ok(Self {
            http: Builder::new()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .build_https(),
            credentials,
            region: settings::required("AWS_REGION")?,
            endpoint: settings::optional("AWS_ENDPOINT_URL"),
        })
    }

    client!(
        /// DynamoDB.
        dynamodb,
        aws_sdk_dynamodb
    );
    client!(
        /// Key Management Service.
        kms,
        aws_sdk_kms
    );
    client!(
        /// Secrets Manager.
        secrets_manager,
        aws_sdk_secretsmanager
    );
    client!(
        /// Simple Email Service.
        ses,
        aws_sdk_sesv2
    );
    client!(
        /// Simple Queue Service.
        sqs,
        aws_sdk_sqs
    );

    /// Simple Storage Service.
    ///
    /// An emulator is reached by a number, in front of which no bucket's name fits. Checksums are ours to give: those that
    /// the client adds by itself come after the body, which takes a chunked request that not everything in between knows.
    #[must_use]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        use aws_sdk_s3::config::{RequestChecksumCalculation, ResponseChecksumValidation};
        let config = aws_sdk_s3::Config::builder()
            .behavior_version_latest()
            .http_client(self.http.clone())
            .credentials_provider(self.credentials.clone())
            .region(aws_sdk_s3::config::Region::new(self.region.clone()))
            .timeout_config(timeouts())
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
        let config = match &self.endpoint {
            Some(endpoint) => config.endpoint_url(endpoint).force_path_style(true),
            None => config,
        };
        aws_sdk_s3::Client::from_conf(config.build())
    }

    /// A secret's text, from Secrets Manager.
    ///
    /// # Errors
    /// When the secret cannot be read, or holds no text.
    pub async fn secret(&self, arn: &str) -> Result<String, SecretUnavailable> {
        let unavailable = |cause: String| SecretUnavailable {
            arn: arn.to_owned(),
            cause,
        };
        let value = self.secrets_manager().get_secret_value().secret_id(arn).send().await;
        let value = value
            .map_err(|error| unavailable(aws_sdk_secretsmanager::error::DisplayErrorContext(error).to_string()))?;
        value
            .secret_string
            .ok_or_else(|| unavailable("it holds no text".to_owned()))
    }
}

/// A secret that a function needs could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the secret {arn} cannot be read: {cause}")]
pub struct SecretUnavailable {
    arn: String,
    cause: String,
}

/// A call to AWS that takes longer is tried again: most take a few milliseconds.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(5))
        .operation_timeout(Duration::from_secs(12))
        .build()
}
