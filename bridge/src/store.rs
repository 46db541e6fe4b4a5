//! Small objects below one root, through the same store, credentials and tap as the tables.

use std::path::PathBuf;
use std::sync::Arc;

use futures::{FutureExt, TryStreamExt};
use lance_io::object_store::ObjectStore;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectStoreExt, PutMode, PutOptions, UpdateVersion};
use serde_json::{Value, json};

use crate::durable;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{
    Call, TlbBuf, TlbCall, TlbStr, borrow, guard, put, release, slice, write_buf, write_json, write_optional,
};
use crate::session::{Session, local_folder};

const PUT_OVERWRITE: i32 = 0;
const PUT_CREATE: i32 = 1;
const PUT_MATCH: i32 = 2;

pub struct Store {
    session: Arc<Session>,
    store: Arc<ObjectStore>,
    root: Path,
    folder: Option<PathBuf>,
}

impl Store {
    async fn open(session: Arc<Session>, uri: &str) -> R<Self> {
        let (store, root) = session.open_store(uri).await?;
        Ok(Self { session, store, root, folder: local_folder(uri)? })
    }

    fn path(&self, key: &str) -> R<Path> {
        check_key(key)?;
        if key.is_empty() {
            return Ok(self.root.clone());
        }
        let full =
            if self.root.as_ref().is_empty() { key.to_string() } else { format!("{}/{key}", self.root) };
        Path::parse(full).map_err(|e| BridgeError::invalid(format!("the key '{key}': {e}")))
    }

    fn key(&self, path: &Path) -> String {
        let full = path.as_ref();
        full.strip_prefix(self.root.as_ref()).unwrap_or(full).trim_start_matches('/').to_string()
    }

    async fn get(&self, key: &str, off: u64, len: u64) -> R<(Vec<u8>, Option<String>)> {
        let range = match (off, len) {
            (0, 0) => None,
            (off, 0) => Some(GetRange::Offset(off)),
            (off, len) => Some(GetRange::Bounded(off..off.saturating_add(len))),
        };
        let options = GetOptions { range, ..GetOptions::default() };
        let got = self.store.inner.get_opts(&self.path(key)?, options).await?;
        let tag = got.meta.e_tag.clone();
        Ok((got.bytes().await?.to_vec(), tag))
    }

    async fn put(&self, key: &str, bytes: Vec<u8>, mode: PutMode, sync: bool) -> R<Option<String>> {
        if matches!(mode, PutMode::Update(_)) && self.folder.is_some() {
            return Err(BridgeError::new(Code::Unsupported, "a local store cannot replace by version token"));
        }
        let options = PutOptions { mode, ..PutOptions::default() };
        let done = self.store.inner.put_opts(&self.path(key)?, bytes.into(), options).await?;
        if let (true, Some(folder)) = (sync, &self.folder) {
            durable::sync_put(&self.session, vec![folder.join(key)]).await?;
        }
        Ok(done.e_tag)
    }

    async fn list(&self, prefix: &str, after: &str, max: usize) -> R<Value> {
        let folder = self.path(prefix.trim_end_matches('/'))?;
        let items = match after {
            "" => self.store.inner.list(Some(&folder)),
            after => self.store.inner.list_with_offset(Some(&folder), &self.path(after)?),
        };
        // Stores that list in order are read only as far as needed; a file system has to be read whole.
        let found = if self.store.list_is_lexically_ordered {
            futures::StreamExt::take(items, max).try_collect::<Vec<_>>().await
        } else {
            items.try_collect::<Vec<_>>().await
        };
        let found = match found {
            Err(object_store::Error::NotFound { .. }) => Vec::new(),
            other => other?,
        };
        let mut rows: Vec<(String, u64, i64)> = found
            .iter()
            .map(|m| (self.key(&m.location), m.size, m.last_modified.timestamp_micros()))
            .collect();
        rows.sort();
        let rows = rows.into_iter().filter(|(key, ..)| key.as_str() > after).take(max);
        let row = |(key, size, modified)| json!({"key": key, "size": size, "modified": modified});
        Ok(rows.map(row).collect())
    }

    async fn delete(&self, key: &str) -> R<()> {
        match self.store.inner.delete(&self.path(key)?).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Tries for real; a store that lies about one of these must not hold a shared warehouse.
    async fn probe(&self, prefix: &str) -> R<Value> {
        let key = format!("{}/probe-{}", prefix.trim_matches('/'), uuid::Uuid::new_v4());
        let key = key.trim_start_matches('/');
        let found = self.probe_key(key, prefix).await;
        self.delete(key).await?;
        found
    }

    async fn probe_key(&self, key: &str, prefix: &str) -> R<Value> {
        let first = self.put(key, b"1".to_vec(), PutMode::Create, false).await?;
        let second = self.put(key, b"2".to_vec(), PutMode::Create, false).await;
        let put_if_absent = matches!(&second, Err(e) if e.code == Code::Exists);
        let update = |tag: Option<String>| PutMode::Update(UpdateVersion { e_tag: tag, version: None });
        let current = self.put(key, b"3".to_vec(), update(first.clone()), false).await;
        let stale = self.put(key, b"4".to_vec(), update(first), false).await;
        let refused = matches!(&stale, Err(e) if e.code == Code::Precondition);
        let listed = self.list(prefix, "", usize::MAX).await?;
        let listed = listed.as_array().is_some_and(|rows| rows.iter().any(|row| row["key"] == key));
        Ok(json!({"put_if_absent": put_if_absent, "put_if_match": current.is_ok() && refused,
                  "list_after_write": listed}))
    }
}

fn check_key(key: &str) -> R<()> {
    let bad = |segment: &str| segment.is_empty() || segment == "." || segment == "..";
    if !key.is_empty() && key.split('/').any(bad) {
        return Err(BridgeError::invalid(format!("the key '{key}' has an empty, '.' or '..' segment")));
    }
    Ok(())
}

fn check_object(key: &str) -> R<&str> {
    if key.is_empty() {
        return Err(BridgeError::invalid("the key is empty"));
    }
    check_key(key).map(|()| key)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_open(
    session: *mut Session,
    uri: TlbStr,
    out: *mut *mut Store,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let session = borrow(session, "the session")?;
        let uri = session.resolve(uri.text("the address")?)?;
        let work = Store::open(session.clone(), &uri).boxed();
        put(out, session.env.run(&Call::default(), &[], work)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_free(store: *mut Store) {
    unsafe { release(store) };
}

unsafe fn entry<'a>(call: *const TlbCall, store: *mut Store, key: TlbStr) -> R<(Call, Arc<Store>, &'a str)> {
    unsafe { Ok((Call::from_c(call)?, borrow(store, "the store")?, key.text("the key")?)) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_get(
    call: *const TlbCall,
    store: *mut Store,
    key: TlbStr,
    off: u64,
    len: u64,
    out: *mut TlbBuf,
    etag: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, store, key) = entry(call, store, key)?;
        let work = store.get(check_object(key)?, off, len).boxed();
        let (bytes, tag) = store.session.env.run(&call, &store.session.taps(), work)?;
        write_buf(out, bytes)?;
        write_optional(etag, tag.as_deref())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_head(
    call: *const TlbCall,
    store: *mut Store,
    key: TlbStr,
    size: *mut u64,
    etag: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, store, key) = entry(call, store, key)?;
        let path = store.path(check_object(key)?)?;
        let work = async { Ok(store.store.inner.head(&path).await?) };
        let meta = store.session.env.run(&call, &store.session.taps(), work.boxed())?;
        if !size.is_null() {
            size.write(meta.size);
        }
        write_optional(etag, meta.e_tag.as_deref())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_put(
    call: *const TlbCall,
    store: *mut Store,
    key: TlbStr,
    bytes: *const u8,
    n: usize,
    mode: i32,
    etag: TlbStr,
    sync: i32,
    new_etag: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, store, key) = entry(call, store, key)?;
        let bytes = slice(bytes, n, "the object's bytes")?.to_vec();
        let mode = match mode {
            PUT_OVERWRITE => PutMode::Overwrite,
            PUT_CREATE => PutMode::Create,
            PUT_MATCH => {
                let tag = Some(etag.text("the version token")?.to_string());
                PutMode::Update(UpdateVersion { e_tag: tag, version: None })
            }
            other => return Err(BridgeError::invalid(format!("the put mode {other} is unknown"))),
        };
        let work = store.put(check_object(key)?, bytes, mode, sync != 0).boxed();
        let tag = store.session.env.run(&call, &store.session.taps(), work)?;
        write_optional(new_etag, tag.as_deref())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_list(
    call: *const TlbCall,
    store: *mut Store,
    prefix: TlbStr,
    after: TlbStr,
    max: u32,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, store, prefix) = entry(call, store, prefix)?;
        let work = store.list(prefix, after.text("the start")?, max as usize).boxed();
        write_json(out, &store.session.env.run(&call, &store.session.taps(), work)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_delete(
    call: *const TlbCall,
    store: *mut Store,
    key: TlbStr,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, store, key) = entry(call, store, key)?;
        let work = store.delete(check_object(key)?).boxed();
        store.session.env.run(&call, &store.session.taps(), work)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_store_probe(
    call: *const TlbCall,
    store: *mut Store,
    prefix: TlbStr,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, store, prefix) = entry(call, store, prefix)?;
        let work = store.probe(prefix).boxed();
        write_json(out, &store.session.env.run(&call, &store.session.taps(), work)?)
    })
}
