//! Streams of record batches that C++ produces and a staging call consumes.

use std::sync::{Arc, Mutex, PoisonError};

use arrow::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use tokio::sync::watch;

use crate::error::{BridgeError, R};
use crate::ffi::Call;

/// Pulls of the two streams of one call take turns: their producers may share state.
pub type Turn = Arc<Mutex<()>>;

/// A stream taken from C++. It ends with an error once the call is interrupted, so that Lance deletes what it
/// wrote, and tells its `Released` when C++ has seen the last of it.
pub struct Input {
    // Dropped first: the sender must speak only after the producer was released.
    inner: ArrowArrayStreamReader,
    call: Call,
    turn: Turn,
    _released: watch::Sender<()>,
}

/// Resolves when the producer was released. A call waits for it also after a cancellation: the producer may
/// borrow from the caller's stack.
pub struct Released(watch::Receiver<()>);

impl Released {
    pub async fn wait(mut self) {
        while self.0.changed().await.is_ok() {}
    }
}

/// Takes the stream over, whatever happens next; `None` for a null pointer.
pub unsafe fn take(stream: *mut FFI_ArrowArrayStream) -> R<Option<ArrowArrayStreamReader>> {
    if stream.is_null() {
        return Ok(None);
    }
    Ok(Some(unsafe { ArrowArrayStreamReader::from_raw(stream) }?))
}

pub unsafe fn take_required(stream: *mut FFI_ArrowArrayStream) -> R<ArrowArrayStreamReader> {
    unsafe { take(stream) }?.ok_or_else(|| BridgeError::invalid("the input stream is null"))
}

impl Input {
    pub fn new(inner: ArrowArrayStreamReader, call: &Call, turn: &Turn) -> (Self, Released) {
        let (sender, gone) = watch::channel(());
        (Self { inner, call: call.clone(), turn: turn.clone(), _released: sender }, Released(gone))
    }

    pub fn boxed(self) -> Box<dyn RecordBatchReader + Send> {
        Box::new(self)
    }
}

impl Iterator for Input {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Some(stop) = self.call.interruption() {
            return Some(Err(ArrowError::ExternalError(Box::new(stop))));
        }
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        self.inner.next()
    }
}

impl RecordBatchReader for Input {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }
}
