//! Staged transactions: identity, files, and the form in which a sidecar keeps them.
//!
//! Sidecar form: `TLTX`, a format number, three length-prefixed sections (JSON facts, the protobuf transaction,
//! the affected rows) and a SHA-256 over all of it. Anything else is refused as corrupt.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use lance::dataset::transaction::{Operation, Transaction};
use lance_io::object_store::ObjectStore;
use lance_select::RowAddrTreeMap;
use lance_table::format::{Fragment, pb};
use lance_table::io::deletion::relative_deletion_file_path;
use object_store::ObjectStoreExt;
use object_store::path::Path;
use prost::Message;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::dataset::branch_uri;
use crate::durable;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{Call, TlbBuf, TlbCall, TlbStr, borrow, guard, put, release, slice, write_buf, write_json};
use crate::session::{Session, local_folder};
use crate::stage::{deletion_files, fragments_of};

const MAGIC: &[u8; 4] = b"TLTX";
const FORMAT: u32 = 1;
const HASH_BYTES: usize = 32;
/// Requests in flight while staged files are checked or deleted.
const FILES_IN_FLIGHT: usize = 8;

/// A staged transaction. Paths are relative to the branch's own folder.
#[derive(Clone)]
pub struct Staged {
    pub tx: Transaction,
    pub affected: Option<RowAddrTreeMap>,
    pub branch: String,
    /// Rows written, and rows deleted (old images of updated rows included).
    pub rows: u64,
    pub gone: u64,
    /// Sizes of staged files that the transaction itself does not record.
    pub sizes: BTreeMap<String, u64>,
}

struct StagedFile {
    path: String,
    size: Option<u64>,
}

impl Staged {
    pub fn of(tx: Transaction) -> Self {
        Self { tx, affected: None, branch: String::new(), rows: 0, gone: 0, sizes: BTreeMap::new() }
    }

    fn updated_fragments(&self) -> &[Fragment] {
        match &self.tx.operation {
            Operation::Delete { updated_fragments, .. } | Operation::Update { updated_fragments, .. } => {
                updated_fragments
            }
            _ => &[],
        }
    }

    /// A merge names old and new files alike: `sizes` lists the new ones.
    fn written_columns(&self) -> impl Iterator<Item = (String, u64)> {
        let is_merge = matches!(self.tx.operation, Operation::Merge { .. });
        self.sizes.iter().filter(move |_| is_merge).map(|(path, size)| (path.clone(), *size))
    }

    fn files(&self) -> Vec<StagedFile> {
        let data = fragments_of(&self.tx.operation).iter().flat_map(|f| &f.files);
        let data = data.filter(|f| f.base_id.is_none()).map(|f| StagedFile {
            path: format!("data/{}", f.path),
            size: f.file_size_bytes.get().map(|size| size.get()),
        });
        let deletions = deletion_files(self.updated_fragments()).map(|(id, file)| {
            let path = relative_deletion_file_path(id, file);
            StagedFile { size: self.sizes.get(&path).copied(), path }
        });
        let columns = self.written_columns().map(|(path, size)| StagedFile { path, size: Some(size) });
        data.chain(deletions).chain(columns).collect()
    }

    fn is_empty(&self) -> bool {
        match &self.tx.operation {
            Operation::Append { fragments } => fragments.is_empty(),
            Operation::Delete { updated_fragments, deleted_fragment_ids, .. } => {
                updated_fragments.is_empty() && deleted_fragment_ids.is_empty()
            }
            _ => false,
        }
    }

    /// The folder prefix of the branch below the dataset's root.
    fn prefix(&self) -> String {
        if self.branch.is_empty() { String::new() } else { format!("tree/{}/", self.branch) }
    }
}

pub struct Tx {
    state: Mutex<Staged>,
}

impl Tx {
    pub fn new(staged: Staged) -> Self {
        Self { state: Mutex::new(staged) }
    }

    fn lock(&self) -> MutexGuard<'_, Staged> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn snapshot(&self) -> Staged {
        self.lock().clone()
    }
}

pub async fn delete_files(store: &ObjectStore, base: &Path, staged: &Staged) -> R<()> {
    stream::iter(staged.files())
        .map(|file| async move {
            let path = Path::parse(format!("{base}/{}", file.path)).map_err(object_store::Error::from)?;
            match store.inner.delete(&path).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
        .buffer_unordered(FILES_IN_FLIGHT)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

async fn verify_file(store: &ObjectStore, base: &Path, file: StagedFile) -> R<()> {
    let corrupt =
        |why: String| BridgeError::new(Code::Corrupt, format!("the staged file {} {why}", file.path));
    let path = Path::parse(format!("{base}/{}", file.path)).map_err(object_store::Error::from)?;
    match store.inner.head(&path).await {
        Ok(meta) if file.size.is_none_or(|size| size == meta.size) => Ok(()),
        Ok(meta) => Err(corrupt(format!("has {} bytes instead of {}", meta.size, file.size.unwrap_or(0)))),
        Err(object_store::Error::NotFound { .. }) => Err(corrupt("does not exist".to_string())),
        Err(error) => Err(error.into()),
    }
}

async fn verify(session: &Session, uri: &str, staged: &Staged) -> R<()> {
    let (store, base) = session.open_store(&branch_uri(uri, &staged.branch)?).await?;
    // In order, so that the first missing file is the one that is named.
    stream::iter(staged.files())
        .map(|file| verify_file(&store, &base, file))
        .buffered(FILES_IN_FLIGHT)
        .try_collect::<Vec<()>>()
        .await?;
    Ok(())
}

async fn sync(session: &Session, uri: &str, staged: &Staged) -> R<()> {
    let Some(folder) = local_folder(&branch_uri(uri, &staged.branch)?)? else {
        return Ok(());
    };
    let files = staged.files().iter().map(|f| folder.join(&f.path)).collect();
    durable::sync_files(session, files).await
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    branch: String,
    rows: u64,
    gone: u64,
    sizes: BTreeMap<String, u64>,
    has_affected: bool,
}

fn encode(staged: &Staged) -> R<Vec<u8>> {
    let facts = Facts {
        branch: staged.branch.clone(),
        rows: staged.rows,
        gone: staged.gone,
        sizes: staged.sizes.clone(),
        has_affected: staged.affected.is_some(),
    };
    let facts = serde_json::to_vec(&facts).map_err(|e| BridgeError::invalid(e.to_string()))?;
    let tx = pb::Transaction::try_from(&staged.tx)?.encode_to_vec();
    let mut affected = Vec::new();
    if let Some(rows) = &staged.affected {
        rows.serialize_into(&mut affected)?;
    }
    let mut out = MAGIC.to_vec();
    out.extend(FORMAT.to_le_bytes());
    for section in [facts, tx, affected] {
        out.extend((section.len() as u64).to_le_bytes());
        out.extend(section);
    }
    let hash = Sha256::digest(&out);
    out.extend_from_slice(hash.as_slice());
    Ok(out)
}

fn corrupt(why: impl std::fmt::Display) -> BridgeError {
    BridgeError::new(Code::Corrupt, format!("the encoded transaction cannot be used: {why}"))
}

/// Cuts one length-prefixed section off the front.
fn section<'a>(rest: &mut &'a [u8]) -> R<&'a [u8]> {
    let (len, tail) = rest.split_first_chunk::<8>().ok_or_else(|| corrupt("it is cut short"))?;
    let len = usize::try_from(u64::from_le_bytes(*len)).map_err(corrupt)?;
    if len > tail.len() {
        return Err(corrupt("it is cut short"));
    }
    let (section, tail) = tail.split_at(len);
    *rest = tail;
    Ok(section)
}

fn decode(bytes: &[u8]) -> R<Staged> {
    if bytes.len() < MAGIC.len() + 4 + HASH_BYTES || !bytes.starts_with(MAGIC) {
        return Err(corrupt("it is not one"));
    }
    let (body, hash) = bytes.split_at(bytes.len() - HASH_BYTES);
    if Sha256::digest(body).as_slice() != hash {
        return Err(corrupt("its checksum does not match"));
    }
    let format = u32::from_le_bytes(body[4..8].try_into().map_err(corrupt)?);
    if format != FORMAT {
        return Err(corrupt(format!("format {format} is not {FORMAT}")));
    }
    let mut rest = &body[8..];
    let facts: Facts = serde_json::from_slice(section(&mut rest)?).map_err(corrupt)?;
    let tx = pb::Transaction::decode(section(&mut rest)?).map_err(corrupt)?;
    let tx = Transaction::try_from(tx).map_err(corrupt)?;
    let affected = section(&mut rest)?;
    if !rest.is_empty() {
        return Err(corrupt("bytes follow its end"));
    }
    let affected = match facts.has_affected {
        true => Some(RowAddrTreeMap::deserialize_from(affected).map_err(corrupt)?),
        false => None,
    };
    let Facts { branch, rows, gone, sizes, .. } = facts;
    Ok(Staged { tx, affected, branch, rows, gone, sizes })
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Identity {
    uuid: String,
    properties: HashMap<String, String>,
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_info(tx: *mut Tx, out: *mut TlbBuf, err: *mut *mut BridgeError) -> i32 {
    guard(err, || unsafe {
        let tx = borrow(tx, "the transaction")?;
        let staged = tx.lock();
        let bytes: u64 = staged.files().iter().filter_map(|f| f.size).sum();
        write_json(
            out,
            &json!({"uuid": staged.tx.uuid, "read_version": staged.tx.read_version,
                    "operation": staged.tx.operation.to_string(), "branch": staged.branch,
                    "rows": staged.rows, "rows_gone": staged.gone, "bytes": bytes,
                    "empty": staged.is_empty()}),
        )
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_bind(tx: *mut Tx, identity: TlbStr, err: *mut *mut BridgeError) -> i32 {
    guard(err, || unsafe {
        let tx = borrow(tx, "the transaction")?;
        let identity: Identity = identity.json("the identity")?;
        let mut staged = tx.lock();
        if !identity.uuid.is_empty() {
            staged.tx.uuid = checked_uuid(&identity.uuid)?;
        }
        if !identity.properties.is_empty() {
            let mut all = staged.tx.transaction_properties.as_deref().cloned().unwrap_or_default();
            all.extend(identity.properties);
            staged.tx.transaction_properties = Some(Arc::new(all));
        }
        Ok(())
    })
}

/// The uuid becomes part of a file name, so it must be one.
pub fn checked_uuid(text: &str) -> R<String> {
    uuid::Uuid::parse_str(text)
        .map(|u| u.hyphenated().to_string())
        .map_err(|e| BridgeError::invalid(format!("'{text}' is not a uuid: {e}")))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_encode(tx: *mut Tx, out: *mut TlbBuf, err: *mut *mut BridgeError) -> i32 {
    guard(err, || unsafe { write_buf(out, encode(&borrow(tx, "the transaction")?.lock())?) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_decode(
    bytes: *const u8,
    n: usize,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe { put(out, Tx::new(decode(slice(bytes, n, "the encoded transaction")?)?)) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_files(tx: *mut Tx, out: *mut TlbBuf, err: *mut *mut BridgeError) -> i32 {
    guard(err, || unsafe {
        let tx = borrow(tx, "the transaction")?;
        let staged = tx.lock();
        let prefix = staged.prefix();
        let files: Vec<_> = staged
            .files()
            .iter()
            .map(|f| json!({"path": format!("{prefix}{}", f.path), "size": f.size}))
            .collect();
        write_json(out, &json!(files))
    })
}

/// What `sync`, `verify` and `discard` have in common.
unsafe fn on_files<'a>(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    tx: *mut Tx,
) -> R<(Call, Arc<Session>, String, Staged)> {
    unsafe {
        let (call, session) = (Call::from_c(call)?, borrow(session, "the session")?);
        let uri = session.resolve(uri.text("the address")?)?;
        Ok((call, session, uri, borrow(tx, "the transaction")?.snapshot()))
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_sync(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    tx: *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, session, uri, staged) = on_files(call, session, uri, tx)?;
        session.env.run(&call, &session.taps(), sync(&session, &uri, &staged).boxed())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_verify(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    tx: *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, session, uri, staged) = on_files(call, session, uri, tx)?;
        session.env.run(&call, &session.taps(), verify(&session, &uri, &staged).boxed())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_discard(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    tx: *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, session, uri, staged) = on_files(call, session, uri, tx)?;
        let work = async {
            let (store, base) = session.open_store(&branch_uri(&uri, &staged.branch)?).await?;
            delete_files(&store, &base, &staged).await
        };
        session.env.run(&call, &session.taps(), work.boxed())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tx_free(tx: *mut Tx) {
    unsafe { release(tx) };
}
