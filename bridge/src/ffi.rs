//! The C side of every call: strings, buffers, handles, the panic guard and the call context.

use std::cell::RefCell;
use std::ffi::c_char;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use tokio::sync::Notify;

use crate::error::{BridgeError, Code, R};
use crate::meter::Meter;

pub const ABI_MAJOR: u32 = 1;
pub const ABI_MINOR: u32 = 0;
const PHASE_MAX: u32 = 8;

/// A borrowed UTF-8 string; valid for the duration of the call only.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TlbStr {
    pub p: *const c_char,
    pub n: usize,
}

impl TlbStr {
    /// The text, or an error that names `what` when it is not UTF-8.
    pub unsafe fn text<'a>(self, what: &str) -> R<&'a str> {
        if self.n == 0 {
            return Ok("");
        }
        if self.p.is_null() {
            return Err(BridgeError::invalid(format!("{what} is a null string of length {}", self.n)));
        }
        let bytes = unsafe { std::slice::from_raw_parts(self.p.cast::<u8>(), self.n) };
        std::str::from_utf8(bytes).map_err(|e| BridgeError::invalid(format!("{what} is not UTF-8: {e}")))
    }

    /// The JSON options in this string; an empty string means the defaults.
    pub unsafe fn json<T: DeserializeOwned + Default>(self, what: &str) -> R<T> {
        let text = unsafe { self.text(what) }?;
        if text.is_empty() {
            return Ok(T::default());
        }
        serde_json::from_str(text).map_err(|e| BridgeError::invalid(format!("{what}: {e}")))
    }
}

/// An owned byte buffer that `tlb_buf_free` releases.
#[repr(C)]
pub struct TlbBuf {
    pub p: *mut u8,
    pub n: usize,
    pub cap: usize,
}

pub unsafe fn write_buf(out: *mut TlbBuf, bytes: Vec<u8>) -> R<()> {
    if out.is_null() {
        return Err(BridgeError::invalid("the output buffer is null"));
    }
    let mut bytes = std::mem::ManuallyDrop::new(bytes);
    let empty = bytes.capacity() == 0;
    let p = if empty { std::ptr::null_mut() } else { bytes.as_mut_ptr() };
    unsafe { out.write(TlbBuf { p, n: bytes.len(), cap: bytes.capacity() }) };
    Ok(())
}

pub unsafe fn write_json(out: *mut TlbBuf, value: &serde_json::Value) -> R<()> {
    unsafe { write_buf(out, value.to_string().into_bytes()) }
}

/// Writes only when the caller asked for it.
pub unsafe fn write_optional(out: *mut TlbBuf, bytes: Option<&str>) -> R<()> {
    if out.is_null() {
        return Ok(());
    }
    unsafe { write_buf(out, bytes.unwrap_or_default().as_bytes().to_vec()) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_buf_free(buf: *mut TlbBuf) {
    if buf.is_null() {
        return;
    }
    let old = unsafe { buf.replace(TlbBuf { p: std::ptr::null_mut(), n: 0, cap: 0 }) };
    if !old.p.is_null() {
        drop(unsafe { Vec::from_raw_parts(old.p, old.n, old.cap) });
    }
}

/// Handles are `Arc`s: a call keeps its own count, so freeing one while another thread uses it is safe.
pub unsafe fn put<T>(out: *mut *mut T, value: T) -> R<()> {
    if out.is_null() {
        return Err(BridgeError::invalid("the output handle is null"));
    }
    unsafe { out.write(Arc::into_raw(Arc::new(value)).cast_mut()) };
    Ok(())
}

/// Writes a plain result where the caller wants it.
pub unsafe fn write_to<T>(out: *mut T, value: T) -> R<()> {
    if out.is_null() {
        return Err(BridgeError::invalid("the output pointer is null"));
    }
    unsafe { out.write(value) };
    Ok(())
}

pub unsafe fn borrow<T>(handle: *const T, what: &str) -> R<Arc<T>> {
    unsafe { borrow_optional(handle) }.ok_or_else(|| BridgeError::invalid(format!("{what} is null")))
}

pub unsafe fn borrow_optional<T>(handle: *const T) -> Option<Arc<T>> {
    if handle.is_null() {
        return None;
    }
    unsafe {
        Arc::increment_strong_count(handle);
        Some(Arc::from_raw(handle))
    }
}

pub unsafe fn release<T>(handle: *mut T) {
    if handle.is_null() {
        return;
    }
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unsafe { Arc::from_raw(handle.cast_const()) })));
}

/// A slice of the caller's array; a null pointer is only allowed for an empty one.
pub unsafe fn slice<'a, T>(p: *const T, n: usize, what: &str) -> R<&'a [T]> {
    if n == 0 {
        return Ok(&[]);
    }
    if p.is_null() {
        return Err(BridgeError::invalid(format!("{what} is null but has {n} elements")));
    }
    Ok(unsafe { std::slice::from_raw_parts(p, n) })
}

/// Runs one exported function: catches panics, maps the outcome to a code, hands the error out.
pub fn guard(err: *mut *mut BridgeError, body: impl FnOnce() -> R<()>) -> i32 {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(Ok(())) => 0,
        Ok(Err(error)) => hand_out(err, error),
        Err(payload) => hand_out(err, panic_error(payload.as_ref())),
    }
}

fn hand_out(err: *mut *mut BridgeError, error: BridgeError) -> i32 {
    let code = error.code as i32;
    if !err.is_null() {
        unsafe { err.write(Box::into_raw(Box::new(error))) };
    }
    code
}

thread_local! {
    static LAST_PANIC: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Remembers where a panic happened, so that the error can say so. Chained: the previous hook still runs.
pub fn install_panic_hook() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let previous = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let place = info.location().map(|l| crate::error::shorten(l.file(), l.line()));
            LAST_PANIC.with(|slot| *slot.borrow_mut() = place);
            previous(info);
        }));
    });
}

pub fn panic_error(payload: &(dyn std::any::Any + Send)) -> BridgeError {
    let text = payload
        .downcast_ref::<&str>()
        .map(|s| (*s).to_string())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a message".to_string());
    let place = LAST_PANIC.with(|slot| slot.borrow_mut().take());
    let place = place.map(|p| format!(" at {p}")).unwrap_or_default();
    BridgeError::new(Code::Panic, format!("the storage library panicked{place}: {text}"))
}

/// A token that many calls may watch; fired once, for ever.
#[derive(Default)]
pub struct Cancel {
    fired: AtomicBool,
    wake: Notify,
}

impl Cancel {
    pub fn fire(&self) {
        self.fired.store(true, Ordering::SeqCst);
        self.wake.notify_waiters();
    }

    pub fn is_fired(&self) -> bool {
        self.fired.load(Ordering::SeqCst)
    }

    async fn wait(&self) {
        let waiting = self.wake.notified();
        tokio::pin!(waiting);
        waiting.as_mut().enable();
        if !self.is_fired() {
            waiting.await;
        }
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn tlb_cancel_new() -> *mut Cancel {
    Arc::into_raw(Arc::new(Cancel::default())).cast_mut()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_cancel_fire(cancel: *mut Cancel) {
    if let Some(cancel) = unsafe { borrow_optional(cancel) } {
        cancel.fire();
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_cancel_free(cancel: *mut Cancel) {
    unsafe { release(cancel) };
}

/// `tlb_call` as C lays it out.
#[repr(C)]
pub struct TlbCall {
    pub struct_size: u32,
    pub phase: u32,
    pub cancel: *mut Cancel,
    pub meter: *mut Meter,
    pub deadline_unix_ns: i64,
}

/// What one blocking call obeys and reports to, owned for the call's length.
#[derive(Clone, Default)]
pub struct Call {
    pub cancel: Option<Arc<Cancel>>,
    pub meter: Option<Arc<Meter>>,
    pub phase: u8,
    pub deadline_unix_ns: i64,
}

impl Call {
    pub unsafe fn from_c(call: *const TlbCall) -> R<Self> {
        let Some(c) = (unsafe { call.as_ref() }) else {
            return Ok(Self::default());
        };
        if (c.struct_size as usize) < std::mem::size_of::<TlbCall>() {
            return Err(BridgeError::invalid(format!(
                "tlb_call.struct_size is {}, too small",
                c.struct_size
            )));
        }
        if c.phase > PHASE_MAX {
            return Err(BridgeError::invalid(format!("tlb_call.phase {} is unknown", c.phase)));
        }
        Ok(Self {
            cancel: unsafe { borrow_optional(c.cancel) },
            meter: unsafe { borrow_optional(c.meter) },
            phase: c.phase as u8,
            deadline_unix_ns: c.deadline_unix_ns,
        })
    }

    /// Why the call must stop now, if it must.
    pub fn interruption(&self) -> Option<BridgeError> {
        if self.cancel.as_ref().is_some_and(|c| c.is_fired()) {
            return Some(BridgeError::new(Code::Cancelled, "the call was cancelled"));
        }
        if self.remaining() == Some(Duration::ZERO) {
            return Some(BridgeError::new(Code::Deadline, "the call's deadline passed"));
        }
        None
    }

    fn remaining(&self) -> Option<Duration> {
        if self.deadline_unix_ns <= 0 {
            return None;
        }
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Some(Duration::from_nanos(self.deadline_unix_ns as u64).saturating_sub(now))
    }

    /// Resolves when the call must stop; never, if nothing can stop it.
    pub async fn interrupted(&self) -> BridgeError {
        let cancelled = async {
            match &self.cancel {
                Some(cancel) => cancel.wait().await,
                None => std::future::pending().await,
            }
        };
        let expired = async {
            match self.remaining() {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = cancelled => {}
            () = expired => {}
        }
        self.interruption().unwrap_or_else(|| BridgeError::new(Code::Deadline, "the call's deadline passed"))
    }
}
