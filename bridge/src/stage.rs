//! Staging: files are written, nothing becomes visible. Each call hands out a transaction to commit later.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use arrow::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use futures::FutureExt;
use lance::dataset::transaction::{Operation, Transaction};
use lance::dataset::{DeleteBuilder, InsertBuilder, WriteDestination, WriteMode, WriteParams};
use lance_file::version::LanceFileVersion;
use lance_table::format::{DeletionFile, Fragment};
use lance_table::io::deletion::relative_deletion_file_path;
use serde::Deserialize;

use crate::dataset::{Handle, handler};
use crate::error::{BridgeError, R};
use crate::ffi::{Call, TlbCall, TlbStr, borrow, guard, put};
use crate::input::{Input, Turn, take_required};
use crate::meter::TAG;
use crate::session::{Session, local_folder};
use crate::transaction::{Staged, Tx};

pub const FILE_VERSION: LanceFileVersion = LanceFileVersion::V2_2;
const MAX_BYTES_PER_FILE: usize = 512 << 20;
const MAX_ROWS_PER_FILE: usize = 1 << 20;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub struct StageParams {
    max_rows_per_file: Option<usize>,
    max_bytes_per_file: Option<usize>,
    properties: HashMap<String, String>,
}

impl StageParams {
    pub fn properties(&self) -> Option<Arc<HashMap<String, String>>> {
        (!self.properties.is_empty()).then(|| Arc::new(self.properties.clone()))
    }

    pub fn write_params(&self, session: &Session, mode: WriteMode) -> R<WriteParams> {
        let rows = self.max_rows_per_file.unwrap_or(MAX_ROWS_PER_FILE);
        let bytes = self.max_bytes_per_file.unwrap_or(MAX_BYTES_PER_FILE);
        if rows == 0 || bytes == 0 {
            return Err(BridgeError::invalid("max_rows_per_file and max_bytes_per_file must not be 0"));
        }
        Ok(WriteParams {
            max_rows_per_file: rows,
            max_bytes_per_file: bytes,
            mode,
            store_params: Some(session.params.clone()),
            session: Some(session.lance.clone()),
            enable_stable_row_ids: true,
            skip_auto_cleanup: true,
            transaction_properties: self.properties(),
            ..WriteParams::default()
        })
    }
}

pub fn fragments_of(operation: &Operation) -> &[Fragment] {
    match operation {
        Operation::Append { fragments } | Operation::Overwrite { fragments, .. } => fragments,
        Operation::Update { new_fragments, .. } => new_fragments,
        _ => &[],
    }
}

pub fn rows_of(fragments: &[Fragment]) -> u64 {
    fragments.iter().filter_map(|f| f.physical_rows).sum::<usize>() as u64
}

/// Sizes of the deletion files this call wrote, keyed as `Staged::files` names them. Lance does not report
/// them; the tap saw them pass, except on plain local files, where the file system is asked.
pub async fn deletion_sizes(ds: &Handle, updated: &[Fragment]) -> R<BTreeMap<String, u64>> {
    let base = ds.lance.branch_location();
    let folder = local_folder(&base.uri)?;
    let written = |path: &str| TAG.try_with(|tag| tag.written().get(path).copied()).ok().flatten();
    let mut sizes = BTreeMap::new();
    for (id, file) in deletion_files(updated) {
        let name = relative_deletion_file_path(id, file);
        let seen = written(&format!("{}/{name}", base.path));
        let asked = || folder.as_ref().and_then(|f| std::fs::metadata(f.join(&name)).ok()).map(|m| m.len());
        if let Some(size) = seen.or_else(asked) {
            sizes.insert(name, size);
        }
    }
    Ok(sizes)
}

pub fn deletion_files(updated: &[Fragment]) -> impl Iterator<Item = (u64, &DeletionFile)> {
    updated.iter().filter_map(|f| f.deletion_file.as_ref().map(|d| (f.id, d)))
}

/// Writes the stream as Lance would for an insert and returns the transaction, uncommitted.
pub async fn insert(dest: WriteDestination<'_>, params: &WriteParams, input: Input) -> R<Transaction> {
    let builder = InsertBuilder::new(dest).with_params(params);
    Ok(builder.execute_uncommitted_stream(input.boxed()).await?)
}

fn staged_insert(branch: &str, tx: Transaction) -> Tx {
    let rows = rows_of(fragments_of(&tx.operation));
    Tx::new(Staged { branch: branch.to_string(), rows, ..Staged::of(tx) })
}

fn stage_on(
    call: &Call,
    ds: &Arc<Handle>,
    mode: WriteMode,
    params: &StageParams,
    reader: ArrowArrayStreamReader,
) -> R<Tx> {
    let params = params.write_params(&ds.session, mode)?;
    let (input, released) = Input::new(reader, call, &Turn::default());
    let work = async {
        let dest = WriteDestination::Dataset(ds.lance.clone());
        let staged = insert(dest, &params, input).await;
        Ok(staged_insert(ds.branch(), staged?))
    };
    let done = ds.session.env.run_staging(call, &ds.session.taps(), work.boxed());
    ds.session.env.wait(released.wait());
    done
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stage_create(
    call: *const TlbCall,
    session: *mut Session,
    uri: TlbStr,
    params: TlbStr,
    stream: *mut FFI_ArrowArrayStream,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let reader = take_required(stream);
        let (call, session) = (Call::from_c(call)?, borrow(session, "the session")?);
        let uri = session.resolve(uri.text("the address")?)?;
        let params: StageParams = params.json("the staging parameters")?;
        let mut write = params.write_params(&session, WriteMode::Create)?;
        write.data_storage_version = Some(FILE_VERSION);
        let (input, released) = Input::new(reader?, &call, &Turn::default());
        let work = async {
            write.commit_handler = Some(handler(&session, &uri).await?);
            let staged = insert(WriteDestination::Uri(&uri), &write, input).await;
            Ok(staged_insert("", staged?))
        };
        let done = session.env.run_staging(&call, &session.taps(), work.boxed());
        session.env.wait(released.wait());
        put(out, done?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stage_append(
    call: *const TlbCall,
    ds: *mut Handle,
    params: TlbStr,
    stream: *mut FFI_ArrowArrayStream,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let reader = take_required(stream);
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let params: StageParams = params.json("the staging parameters")?;
        put(out, stage_on(&call, &ds, WriteMode::Append, &params, reader?)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stage_overwrite(
    call: *const TlbCall,
    ds: *mut Handle,
    params: TlbStr,
    stream: *mut FFI_ArrowArrayStream,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let reader = take_required(stream);
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let params: StageParams = params.json("the staging parameters")?;
        put(out, stage_on(&call, &ds, WriteMode::Overwrite, &params, reader?)?)
    })
}

async fn delete_where(ds: &Handle, filter: &str) -> R<Tx> {
    let done = DeleteBuilder::new(ds.lance.clone(), filter).conflict_retries(0).execute_uncommitted().await?;
    let sizes = match &done.transaction.operation {
        Operation::Delete { updated_fragments, .. } => deletion_sizes(ds, updated_fragments).await?,
        _ => BTreeMap::new(),
    };
    Ok(Tx::new(Staged {
        branch: ds.branch().to_string(),
        affected: done.affected_rows,
        gone: done.num_deleted_rows,
        sizes,
        ..Staged::of(done.transaction)
    }))
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stage_delete(
    call: *const TlbCall,
    ds: *mut Handle,
    filter_sql: TlbStr,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let filter = filter_sql.text("the filter")?;
        if filter.trim().is_empty() {
            return Err(BridgeError::invalid("the filter is empty; write 'true' to delete every row"));
        }
        let work = delete_where(&ds, filter).boxed();
        put(out, ds.session.env.run_staging(&call, &ds.session.taps(), work)?)
    })
}
