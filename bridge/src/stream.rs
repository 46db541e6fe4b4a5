//! Pull streams of record batches.
//!
//! A task of the runtime drives the plan two batches ahead of the reader, so that reading overlaps with what
//! C++ does to a batch and a cancelled pull returns at once. Freeing the stream ends the task.

use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, to_ffi};
use arrow_array::{Array, RecordBatch, StructArray};
use arrow_schema::SchemaRef;
use datafusion::execution::SendableRecordBatchStream;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use crate::env::{Env, Span};
use crate::error::{BridgeError, R};
use crate::ffi::{Call, TlbCall, borrow, guard, panic_error, release, write_to};
use crate::meter::{TAG, Tag};
use crate::tap::{Active, Tap};

const BATCHES_AHEAD: usize = 2;

type Item = R<RecordBatch>;

pub struct Stream {
    env: Arc<Env>,
    schema: SchemaRef,
    batches: Mutex<mpsc::Receiver<Item>>,
    driver: AbortHandle,
    tag: Arc<Tag>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Stream {
    /// Opens the plan under the call, then hands it to its driver. The meter of this call counts until the end.
    pub fn open(
        env: &Arc<Env>,
        call: &Call,
        taps: &[Arc<Tap>],
        open: BoxFuture<'_, R<SendableRecordBatchStream>>,
    ) -> R<Self> {
        let stream = env.run(call, taps, open)?;
        let schema = stream.schema();
        let (sender, batches) = mpsc::channel(BATCHES_AHEAD);
        let tag = Arc::new(Tag::new(call));
        let active = Active::register(&tag, taps);
        let work = TAG.scope(tag.clone(), async move {
            let _active = active;
            drive(stream, sender).await;
        });
        let driver = env.handle().spawn(work).abort_handle();
        Ok(Self { env: env.clone(), schema, batches: Mutex::new(batches), driver, tag })
    }

    fn next(&self, call: &Call) -> R<Option<RecordBatch>> {
        let mut batches = self.batches.lock().unwrap_or_else(PoisonError::into_inner);
        // Depth is the time a reader waits; the store calls themselves count on the opening call's meter.
        let _span = Span::begin(&self.tag, &self.env.plant);
        let batches: &mut mpsc::Receiver<Item> = &mut batches;
        let work = async { batches.recv().await.transpose() };
        self.env.run(call, &[], work.boxed())
    }
}

async fn drive(mut stream: SendableRecordBatchStream, sender: mpsc::Sender<Item>) {
    loop {
        let next = match AssertUnwindSafe(stream.next()).catch_unwind().await {
            Ok(None) => return,
            Ok(Some(Ok(batch))) if batch.num_rows() == 0 => continue,
            Ok(Some(batch)) => batch.map_err(BridgeError::from),
            Err(panic) => Err(panic_error(panic.as_ref())),
        };
        let failed = next.is_err();
        if sender.send(next).await.is_err() || failed {
            return;
        }
    }
}

/// Moves a batch out through the C data interface, as a struct array.
pub unsafe fn export(batch: RecordBatch, array: *mut FFI_ArrowArray, schema: *mut FFI_ArrowSchema) -> R<()> {
    if array.is_null() {
        return Err(BridgeError::invalid("the output array is null"));
    }
    let fields = batch.schema();
    let (ffi_array, _) = to_ffi(&StructArray::from(batch).to_data())?;
    if !schema.is_null() {
        unsafe { schema.write(FFI_ArrowSchema::try_from(fields.as_ref())?) };
    }
    unsafe { array.write(ffi_array) };
    Ok(())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stream_next(
    call: *const TlbCall,
    stream: *mut Stream,
    out: *mut FFI_ArrowArray,
    err: *mut *mut BridgeError,
) -> i32 {
    let mut found = 0;
    let code = guard(err, || unsafe {
        let (call, stream) = (Call::from_c(call)?, borrow(stream, "the stream")?);
        if let Some(batch) = stream.next(&call)? {
            export(batch, out, std::ptr::null_mut())?;
            found = 1;
        }
        Ok(())
    });
    if code == 0 { found } else { -code }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stream_schema(
    stream: *mut Stream,
    out: *mut FFI_ArrowSchema,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let stream = borrow(stream, "the stream")?;
        write_to(out, FFI_ArrowSchema::try_from(stream.schema.as_ref())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stream_free(stream: *mut Stream) {
    unsafe { release(stream) };
}
