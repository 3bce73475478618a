//! Writes that are made under a condition, and what came of them.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{delete_item::DeleteItemError, put_item::PutItemError, update_item::UpdateItemError},
    types::error::ConditionalCheckFailedException,
};

use super::TableError;

/// An error of a write that can be made under a condition.
pub(super) trait Conditional: std::error::Error + Sized + 'static {
    /// That the condition did not hold, or whatever else it is.
    fn condition(self) -> Result<ConditionalCheckFailedException, Self>;
}

macro_rules! conditional {
    ($($error:ident),*) => {$(
        impl Conditional for $error {
            fn condition(self) -> Result<ConditionalCheckFailedException, Self> {
                match self {
                    Self::ConditionalCheckFailedException(failed) => Ok(failed),
                    other => Err(other),
                }
            }
        }
    )*};
}

conditional!(DeleteItemError, PutItemError, UpdateItemError);

/// What a write gave, or that its condition did not hold: then nothing is written.
///
/// # Errors
/// [`TableError`], when the table does not answer.
pub(super) fn outcome<T, E: Conditional, R: std::fmt::Debug + 'static>(
    sent: Result<T, SdkError<E, R>>,
) -> Result<Result<T, ConditionalCheckFailedException>, TableError> {
    match sent {
        Ok(written) => Ok(Ok(written)),
        Err(SdkError::ServiceError(service)) => service.into_err().condition().map(Err).map_err(TableError::new),
        Err(error) => Err(TableError::new(error)),
    }
}

/// What a write gave. `None`, where its condition did not hold: then nothing is written.
///
/// # Errors
/// [`TableError`], when the table does not answer.
pub(super) fn held<T, E: Conditional, R: std::fmt::Debug + 'static>(
    sent: Result<T, SdkError<E, R>>,
) -> Result<Option<T>, TableError> {
    outcome(sent).map(Result::ok)
}
