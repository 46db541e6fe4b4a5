//! The one error type of the bridge and the mapping of every library error to a code.

use std::error::Error as StdError;

use arrow_schema::ArrowError;
use datafusion::error::DataFusionError;
use serde_json::{Value, json};

use crate::ffi::TlbStr;

pub type R<T> = Result<T, BridgeError>;

/// The `TLB_E_` codes; never renumbered.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    Invalid = 1,
    NotFound = 2,
    Exists = 3,
    Schema = 4,
    ConflictRetryable = 5,
    ConflictFatal = 6,
    Fenced = 7,
    CommitUnknown = 8,
    Precondition = 9,
    Io = 10,
    Corrupt = 11,
    Unsupported = 12,
    Untrainable = 13,
    Resources = 14,
    Cancelled = 15,
    Deadline = 16,
    Sql = 17,
    ReadOnly = 18,
    Reentrant = 19,
    Panic = 20,
    Internal = 21,
    RefInUse = 22,
    Index = 23,
}

#[derive(Debug)]
pub struct BridgeError {
    pub code: Code,
    message: String,
    lance: &'static str,
    version: Option<u64>,
    sources: Vec<String>,
    /// Built on first need and kept, because the C side borrows it.
    detail: std::sync::OnceLock<String>,
}

impl std::fmt::Display for BridgeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl StdError for BridgeError {}

impl BridgeError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: clean(&message.into()),
            lance: "",
            version: None,
            sources: Vec::new(),
            detail: Default::default(),
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::Invalid, message)
    }

    pub fn with_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    fn detail(&self) -> &str {
        self.detail.get_or_init(|| {
            let ambiguous = self.code == Code::CommitUnknown;
            let retryable = matches!(self.code, Code::ConflictRetryable | Code::Fenced);
            let mut value = json!({"retryable": retryable, "ambiguous": ambiguous});
            if !self.lance.is_empty() {
                value["lance"] = Value::from(self.lance);
            }
            if let Some(version) = self.version {
                value["version"] = Value::from(version);
            }
            if !self.sources.is_empty() {
                value["sources"] = Value::from(self.sources.clone());
            }
            value.to_string()
        })
    }
}

/// Removes what must not leave the process (credentials in addresses) and what helps nobody (source lines).
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let (head, tail) = rest.split_at(at + 3);
        out.push_str(head);
        let end = tail.find(['/', ' ', '"', '\'', ',']).unwrap_or(tail.len());
        match tail[..end].rfind('@') {
            Some(user) => {
                out.push_str("***");
                rest = &tail[user..];
            }
            None => rest = tail,
        }
    }
    out.push_str(rest);
    without_locations(&out)
}

/// Cuts `, /some/path/file.rs:12:34`, which Lance appends to each of its messages.
fn without_locations(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(".rs:") {
        let digits =
            rest[at + 4..].find(|c: char| !c.is_ascii_digit() && c != ':').map_or(rest.len(), |n| at + 4 + n);
        let start = rest[..at].rfind(char::is_whitespace).map_or(0, |n| n);
        let head = rest[..start].trim_end_matches("location:").trim_end_matches([',', ' ']);
        out.push_str(head);
        rest = &rest[digits..];
    }
    out.push_str(rest);
    out
}

/// A source place (file, line) without the folders of the machine that compiled it.
pub fn shorten(file: &str, line: u32) -> String {
    let short =
        file.split_once("/src/").and_then(|(_, rest)| rest.split_once('/')).map_or(file, |(_, rest)| rest);
    format!("{short} line {line}")
}

fn sources_of(error: &dyn StdError) -> Vec<String> {
    let mut out = Vec::new();
    let mut next = error.source();
    while let (Some(source), true) = (next, out.len() < 8) {
        out.push(clean(&source.to_string()));
        next = source.source();
    }
    out
}

impl From<lance::Error> for BridgeError {
    fn from(error: lance::Error) -> Self {
        if let lance::Error::External { source } = error {
            return match source.downcast::<BridgeError>() {
                Ok(own) => *own,
                Err(source) => Self::from_lance(&lance::Error::External { source }),
            };
        }
        Self::from_lance(&error)
    }
}

impl BridgeError {
    fn from_lance(error: &lance::Error) -> Self {
        let root = error.find_root();
        let (code, name, version) = classify(root);
        Self {
            code,
            message: clean(&root.to_string()),
            lance: name,
            version,
            sources: sources_of(root),
            detail: Default::default(),
        }
    }
}

fn classify(error: &lance::Error) -> (Code, &'static str, Option<u64>) {
    use lance::Error as E;
    match error {
        E::InvalidInput { source, .. } if names_no_column(source.as_ref()) => {
            (Code::Schema, "InvalidInput", None)
        }
        E::InvalidInput { .. } => (Code::Invalid, "InvalidInput", None),
        E::DatasetAlreadyExists { .. } => (Code::Exists, "DatasetAlreadyExists", None),
        E::SchemaMismatch { .. } => (Code::Schema, "SchemaMismatch", None),
        E::Schema { .. } => (Code::Schema, "Schema", None),
        E::FieldNotFound { .. } => (Code::Schema, "FieldNotFound", None),
        E::DatasetNotFound { .. } => (Code::NotFound, "DatasetNotFound", None),
        E::NotFound { .. } => (Code::NotFound, "NotFound", None),
        E::VersionNotFound { .. } => (Code::NotFound, "VersionNotFound", None),
        E::RefNotFound { .. } => (Code::NotFound, "RefNotFound", None),
        E::CorruptFile { .. } => (Code::Corrupt, "CorruptFile", None),
        E::NotSupported { .. } => (Code::Unsupported, "NotSupported", None),
        E::VersionConflict { .. } => (Code::Unsupported, "VersionConflict", None),
        E::CommitConflict { version, .. } => (Code::ConflictRetryable, "CommitConflict", Some(*version)),
        E::RetryableCommitConflict { version, .. } => {
            (Code::ConflictRetryable, "RetryableCommitConflict", Some(*version))
        }
        E::TooMuchWriteContention { .. } => (Code::ConflictRetryable, "TooMuchWriteContention", None),
        E::Backpressure { .. } => (Code::ConflictRetryable, "Backpressure", None),
        E::IncompatibleTransaction { .. } => (Code::ConflictFatal, "IncompatibleTransaction", None),
        E::PrerequisiteFailed { .. } => (Code::Fenced, "PrerequisiteFailed", None),
        E::Fenced { .. } => (Code::Fenced, "Fenced", None),
        E::Unprocessable { .. } => (Code::Untrainable, "Unprocessable", None),
        E::Arrow { .. } => (Code::Invalid, "Arrow", None),
        E::Timeout { .. } => (Code::Io, "Timeout", None),
        E::IO { source, .. } => (inner_code(source.as_ref(), Code::Io), "IO", None),
        E::Index { .. } => (Code::Index, "Index", None),
        E::IndexNotFound { .. } => (Code::Index, "IndexNotFound", None),
        E::InvalidTableLocation { .. } => (Code::Invalid, "InvalidTableLocation", None),
        E::InvalidRef { .. } => (Code::Invalid, "InvalidRef", None),
        E::RefConflict { .. } => (Code::RefInUse, "RefConflict", None),
        E::DiskCapExceeded { .. } => (Code::Resources, "DiskCapExceeded", None),
        E::Execution { message, .. } if message.contains("Resources exhausted") => {
            (Code::Resources, "Execution", None)
        }
        E::Wrapped { error: source, .. } => wrapped(error, source.as_ref()),
        E::External { source } => (inner_code(source.as_ref(), Code::Internal), "External", None),
        E::Execution { .. } => (Code::Internal, "Execution", None),
        E::Internal { .. } => (Code::Internal, "Internal", None),
        E::Cleanup { .. } => (Code::Internal, "Cleanup", None),
        E::Namespace { .. } => (Code::Internal, "Namespace", None),
        E::Stop => (Code::Internal, "Stop", None),
        E::Cloned { .. } => (Code::Internal, "Cloned", None),
        E::Shared { source } => classify(source),
    }
}

fn wrapped(
    error: &lance::Error,
    source: &(dyn StdError + Send + Sync + 'static),
) -> (Code, &'static str, Option<u64>) {
    if error.is_commit_status_unknown() {
        let version = source
            .downcast_ref::<lance_core::error::CommitStatusUnknownError>()
            .map(lance_core::error::CommitStatusUnknownError::version);
        return (Code::CommitUnknown, "CommitStatusUnknown", version);
    }
    (inner_code(source, Code::Internal), "Wrapped", None)
}

/// Looks through a chain of sources for an error that says more than "something failed".
fn inner_code(source: &(dyn StdError + 'static), otherwise: Code) -> Code {
    let mut next = Some(source);
    while let Some(error) = next {
        if let Some(own) = error.downcast_ref::<BridgeError>() {
            return own.code;
        }
        if let Some(store) = error.downcast_ref::<object_store::Error>() {
            return store_code(store);
        }
        if let Some(lance) = error.downcast_ref::<lance::Error>() {
            return classify(lance).0;
        }
        if let Some(df) = error.downcast_ref::<DataFusionError>() {
            return datafusion_code(df);
        }
        next = error.source();
    }
    otherwise
}

/// Whether a filter or projection failed because a column does not exist.
fn names_no_column(source: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(source);
    while let Some(error) = next {
        if error.is::<datafusion::common::SchemaError>() {
            return true;
        }
        if let Some(df) = error.downcast_ref::<DataFusionError>() {
            return matches!(df.find_root(), DataFusionError::SchemaError(..));
        }
        next = error.source();
    }
    false
}

pub fn store_code(error: &object_store::Error) -> Code {
    use object_store::Error as E;
    match error {
        E::NotFound { .. } => Code::NotFound,
        E::AlreadyExists { .. } => Code::Exists,
        E::Precondition { .. } | E::NotModified { .. } => Code::Precondition,
        E::NotSupported { .. } | E::NotImplemented { .. } => Code::Unsupported,
        E::InvalidPath { .. } => Code::Invalid,
        _ => Code::Io,
    }
}

impl From<object_store::Error> for BridgeError {
    fn from(error: object_store::Error) -> Self {
        let mut out = Self::new(store_code(&error), error.to_string());
        out.sources = sources_of(&error);
        out
    }
}

fn datafusion_code(error: &DataFusionError) -> Code {
    match error.find_root() {
        DataFusionError::ResourcesExhausted(_) => Code::Resources,
        DataFusionError::External(source) => inner_code(source.as_ref(), Code::Sql),
        DataFusionError::IoError(_) | DataFusionError::ObjectStore(_) => Code::Io,
        #[cfg(feature = "parquet")]
        DataFusionError::ParquetError(_) => Code::Corrupt,
        DataFusionError::NotImplemented(_) => Code::Unsupported,
        DataFusionError::Internal(_) => Code::Internal,
        DataFusionError::ArrowError(arrow, _) => match arrow.as_ref() {
            ArrowError::ExternalError(source) => inner_code(source.as_ref(), Code::Sql),
            _ => Code::Sql,
        },
        _ => Code::Sql,
    }
}

impl From<DataFusionError> for BridgeError {
    fn from(error: DataFusionError) -> Self {
        let mut out = Self::new(datafusion_code(&error), error.strip_backtrace());
        out.sources = sources_of(&error);
        out
    }
}

impl From<ArrowError> for BridgeError {
    fn from(error: ArrowError) -> Self {
        let code = match &error {
            ArrowError::ExternalError(source) => inner_code(source.as_ref(), Code::Invalid),
            ArrowError::SchemaError(_) => Code::Schema,
            _ => Code::Invalid,
        };
        Self::new(code, error.to_string())
    }
}

impl From<std::io::Error> for BridgeError {
    fn from(error: std::io::Error) -> Self {
        let code = if error.kind() == std::io::ErrorKind::NotFound { Code::NotFound } else { Code::Io };
        Self::new(code, error.to_string())
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_error_code(error: *const BridgeError) -> i32 {
    unsafe { error.as_ref() }.map_or(0, |e| e.code as i32)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_error_message(error: *const BridgeError) -> TlbStr {
    borrowed(unsafe { error.as_ref() }.map_or("", |e| e.message.as_str()))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_error_detail(error: *const BridgeError) -> TlbStr {
    borrowed(unsafe { error.as_ref() }.map_or("{}", |e| e.detail()))
}

fn borrowed(text: &str) -> TlbStr {
    TlbStr { p: text.as_ptr().cast(), n: text.len() }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_error_free(error: *mut BridgeError) {
    if !error.is_null() {
        drop(unsafe { Box::from_raw(error) });
    }
}
