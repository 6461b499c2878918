//! This service answers with the shared error type.

pub use error_kit::AppError;
