//! Dataset handles: one Lance dataset pinned at one version, and what it says about itself.

use std::sync::Arc;

use arrow::ffi::FFI_ArrowSchema;
use arrow_schema::Schema as ArrowSchema;
use futures::{FutureExt, TryStreamExt};
use lance::Dataset;
use lance::dataset::builder::DatasetBuilder;
use lance::dataset::refs::check_valid_branch;
use lance_io::object_store::ObjectStore;
use lance_table::format::{DataFile, Fragment, Manifest, pb};
use lance_table::io::commit::{CommitHandler, commit_handler_from_url};
use lance_table::io::deletion::relative_deletion_file_path;
use prost::Message;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::error::{BridgeError, R};
use crate::fence::FenceCommitHandler;
use crate::ffi::{
    Call, TlbBuf, TlbCall, TlbStr, borrow, borrow_optional, guard, put, release, write_json, write_to,
};
use crate::session::Session;

/// A ref: `""`, `{"version":3}` or `{"branch":"b","version":3}`. Without a branch, a checkout stays on the
/// handle's branch and an open means main.
#[derive(Deserialize, Default, Clone)]
#[serde(deny_unknown_fields, default)]
pub struct DatasetRef {
    pub branch: Option<String>,
    pub version: Option<u64>,
}

pub struct Handle {
    pub session: Arc<Session>,
    /// The resolved address of the dataset's main branch.
    pub root: String,
    pub lance: Arc<Dataset>,
}

impl Handle {
    pub fn branch(&self) -> &str {
        self.lance.manifest().branch.as_deref().unwrap_or_default()
    }

    pub fn version(&self) -> u64 {
        self.lance.manifest().version
    }

    pub async fn store(&self) -> R<Arc<ObjectStore>> {
        Ok(self.lance.object_store(None).await?)
    }

    /// Newest version of this branch by listing: a version hint beside pruned versions could lie.
    async fn head(&self) -> R<u64> {
        let handler = handler(&self.session, &self.root).await?;
        let (store, base) = (self.store().await?, self.lance.branch_location().path);
        let newest = handler.list_manifest_locations(&base, &store, true).try_next().await;
        let newest = newest.map_err(BridgeError::from)?;
        newest.map(|l| l.version).ok_or_else(|| not_found(&self.root, "has no version left"))
    }

    async fn exists(&self, version: u64) -> R<bool> {
        let handler = handler(&self.session, &self.root).await?;
        let naming = self.lance.manifest_location().naming_scheme;
        let (store, base) = (self.store().await?, self.lance.branch_location().path);
        Ok(handler.version_exists(&base, version, store.inner.as_ref(), naming).await?)
    }
}

fn not_found(uri: &str, what: &str) -> BridgeError {
    BridgeError::new(crate::error::Code::NotFound, format!("the dataset {uri} {what}"))
}

/// The fence over what Lance would use for this address.
pub async fn handler(session: &Session, uri: &str) -> R<Arc<dyn CommitHandler>> {
    let inner = commit_handler_from_url(uri, &Some(session.params.clone())).await?;
    Ok(Arc::new(FenceCommitHandler::new(inner)))
}

/// What parts a branch's name from its dataset's root.
const BRANCH_FOLDER: &str = "/tree/";

/// Where a branch lives; main lives at the root.
pub fn branch_uri(root: &str, branch: &str) -> R<String> {
    if branch.is_empty() || branch == "main" {
        return Ok(root.to_string());
    }
    check_valid_branch(branch)?;
    Ok(format!("{root}{BRANCH_FOLDER}{branch}"))
}

/// Opens by the branch's own address: going through main first would cost a list and a manifest.
pub async fn open(session: &Arc<Session>, root: &str, at: &DatasetRef) -> R<Handle> {
    let uri = branch_uri(root, at.branch.as_deref().unwrap_or_default())?;
    let mut builder = DatasetBuilder::from_uri(&uri)
        .with_session(session.lance.clone())
        .with_store_params(session.params.clone())
        .with_commit_handler(handler(session, &uri).await?);
    if let Some(version) = at.version {
        builder = builder.with_version(version);
    }
    let mut lance = builder.clone().load().await?;
    if let Some(manifest) = relocated(root, lance.manifest()) {
        let bytes = pb::Manifest::from(&manifest).encode_to_vec();
        lance = builder.with_version(manifest.version).with_serialized_manifest(&bytes)?.load().await?;
    }
    Ok(Handle { session: session.clone(), root: root.to_string(), lance: Arc::new(lance) })
}

/// A fork names the folders whose files it shares by the address they had when it was made: the dataset's root, or
/// another branch below it. Here they get the address that the dataset has now, so a warehouse may be moved or
/// copied; commits write that down again. None when all is well, as it is on main.
fn relocated(root: &str, manifest: &Manifest) -> Option<Manifest> {
    let now = |path: &str| format!("{root}{}", path.find(BRANCH_FOLDER).map_or("", |at| &path[at..]));
    if manifest.base_paths.values().all(|base| base.path == now(&base.path)) {
        return None;
    }
    let mut moved = manifest.clone();
    for base in moved.base_paths.values_mut() {
        base.path = now(&base.path);
    }
    Some(moved)
}

fn describe_file(file: &DataFile) -> Value {
    match file.base_id {
        Some(base) => json!(format!("{base}:data/{}", file.path)),
        None => json!(format!("data/{}", file.path)),
    }
}

fn describe_fragment(fragment: &Fragment) -> Value {
    let deletion = fragment.deletion_file.as_ref();
    json!({
        "id": fragment.id,
        "physical_rows": fragment.physical_rows.unwrap_or(0),
        "deleted_rows": deletion.and_then(|d| d.num_deleted_rows).unwrap_or(0),
        "files": fragment.files.iter().map(describe_file).collect::<Vec<_>>(),
        "deletion_file": deletion.map(|d| relative_deletion_file_path(fragment.id, d)),
    })
}

fn describe(handle: &Handle) -> Value {
    let manifest = handle.lance.manifest();
    let location = handle.lance.manifest_location();
    let fields: Vec<Value> = manifest
        .schema
        .fields
        .iter()
        .map(|f| {
            json!({"id": f.id, "name": f.name, "type": f.data_type().to_string(),
                   "nullable": f.nullable, "metadata": f.metadata})
        })
        .collect();
    let count = |of: fn(&Fragment) -> usize| manifest.fragments.iter().map(of).sum::<usize>();
    let bytes: u64 = manifest
        .fragments
        .iter()
        .flat_map(|f| &f.files)
        .filter_map(|f| f.file_size_bytes.get())
        .map(|size| size.get())
        .sum();
    json!({
        "uri": handle.root, "version": manifest.version, "branch": handle.branch(),
        "rows": count(|f| f.num_rows().unwrap_or(0)),
        "deleted_rows": count(|f| f.deletion_file.as_ref().and_then(|d| d.num_deleted_rows).unwrap_or(0)),
        "bytes": bytes,
        "stable_row_ids": manifest.uses_stable_row_ids(),
        "next_row_id": manifest.next_row_id,
        "data_storage_version": manifest.data_storage_format.version.to_string(),
        "fields": fields,
        "fragments": manifest.fragments.iter().map(describe_fragment).collect::<Vec<_>>(),
        "config": manifest.config, "metadata": manifest.table_metadata,
        "schema_metadata": manifest.schema.metadata,
        "e_tag": location.e_tag, "manifest_path": location.path.to_string(), "manifest_size": location.size,
        "transaction_file": manifest.transaction_file,
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_open(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    at: TlbStr,
    out: *mut *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, session) = (Call::from_c(call)?, borrow(session, "the session")?);
        let root = session.resolve(uri.text("the address")?)?;
        let at: DatasetRef = at.json("the ref")?;
        put(out, session.env.run(&call, &session.taps(), open(&session, &root, &at).boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_checkout(
    call: *const TlbCall,
    ds: *mut Handle,
    at: TlbStr,
    out: *mut *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let mut at: DatasetRef = at.json("the ref")?;
        at.branch.get_or_insert_with(|| ds.branch().to_string());
        let session = ds.session.clone();
        put(out, session.env.run(&call, &session.taps(), open(&session, &ds.root, &at).boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_clone(ds: *mut Handle) -> *mut Handle {
    unsafe { borrow_optional(ds) }.map_or(std::ptr::null_mut(), |ds| Arc::into_raw(ds).cast_mut())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_free(ds: *mut Handle) {
    unsafe { release(ds) };
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_version(ds: *mut Handle) -> u64 {
    unsafe { borrow_optional(ds) }.map_or(0, |ds| ds.version())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_head(
    call: *const TlbCall,
    ds: *mut Handle,
    version: *mut u64,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let head = ds.session.env.run(&call, &ds.session.taps(), ds.head().boxed())?;
        write_to(version, head)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_exists(
    call: *const TlbCall,
    ds: *mut Handle,
    version: u64,
    exists: *mut i32,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let found = ds.session.env.run(&call, &ds.session.taps(), ds.exists(version).boxed())?;
        write_to(exists, i32::from(found))
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_info(ds: *mut Handle, out: *mut TlbBuf, err: *mut *mut BridgeError) -> i32 {
    guard(err, || unsafe { write_json(out, &describe(borrow(ds, "the dataset")?.as_ref())) })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_schema(
    ds: *mut Handle,
    out: *mut FFI_ArrowSchema,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let schema = ArrowSchema::from(borrow(ds, "the dataset")?.lance.schema());
        write_to(out, FFI_ArrowSchema::try_from(&schema)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_transaction(
    call: *const TlbCall,
    ds: *mut Handle,
    version: u64,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let work = async {
            let found = ds.lance.read_version_transaction(version).await?;
            let tx = found.transaction.ok_or_else(|| not_found(&ds.root, "records no transaction there"))?;
            let properties = tx.transaction_properties.as_deref().cloned().unwrap_or_default();
            Ok(json!({"uuid": tx.uuid, "read_version": tx.read_version,
                      "operation": tx.operation.to_string(), "properties": properties}))
        };
        write_json(out, &ds.session.env.run(&call, &ds.session.taps(), work.boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_versions(
    call: *const TlbCall,
    ds: *mut Handle,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let work = async {
            let refs = ds.lance.version_refs().await?;
            let mut versions: Vec<u64> = refs.iter().map(|r| r.version).collect();
            versions.sort_unstable();
            Ok(json!(versions))
        };
        write_json(out, &ds.session.env.run(&call, &ds.session.taps(), work.boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_ds_validate(
    call: *const TlbCall,
    ds: *mut Handle,
    report: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let work = async { Ok(ds.lance.validate().await.map_err(BridgeError::from)) };
        let found = ds.session.env.run(&call, &ds.session.taps(), work.boxed())?;
        let value = match found {
            Ok(()) => json!({"ok": true}),
            Err(error) => json!({"ok": false, "error": error.to_string()}),
        };
        write_json(report, &value)
    })
}
