//! The row-delta: insert, update and delete of one table in one version.
//!
//! 1. `gone` names live rows by address, each once: the deleted rows and the old images of the updated ones.
//! 2. Every updated row keeps its stable row id, and that id belongs to one of the gone rows: a row id never
//!    names two live rows.
//! 3. All field ids are listed as possibly changed. With fewer, Lance would count the fragment of freshly
//!    inserted rows as covered by every index on another field (it has row ids by then, like a moved row), and
//!    those rows would be missing from index results.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use arrow::ffi_stream::{ArrowArrayStreamReader, FFI_ArrowArrayStream};
use futures::FutureExt;
use lance::dataset::fragment::FileFragment;
use lance::dataset::transaction::{Operation, Transaction, TransactionBuilder, UpdateMode};
use lance::dataset::{WriteDestination, WriteMode, WriteParams};
use lance_select::RowAddrTreeMap;
use lance_table::format::{Fragment, RowIdMeta};
use lance_table::rowids::{RowIdSequence, read_row_ids, rechunk_sequences, write_row_ids};
use roaring::RoaringBitmap;

use crate::dataset::Handle;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{Call, TlbCall, TlbStr, borrow, guard, put, slice};
use crate::input::{Input, Released, Turn, take};
use crate::stage::{StageParams, deletion_sizes, fragments_of, insert, rows_of};
use crate::transaction::{Staged, Tx, delete_files};

/// Row addresses by fragment.
type Gone = BTreeMap<u32, RoaringBitmap>;

fn group(gone: &[u64]) -> R<Gone> {
    let mut groups = Gone::new();
    for addr in gone {
        if !groups.entry((addr >> 32) as u32).or_default().insert(*addr as u32) {
            return Err(BridgeError::invalid(format!("the row address {addr} is listed as gone twice")));
        }
    }
    Ok(groups)
}

/// What the deletions make of the table's fragments.
#[derive(Default)]
struct Deletions {
    updated: Vec<Fragment>,
    removed: Vec<u64>,
}

/// Checks one group against its fragment before anything is written.
async fn check_group(ds: &Handle, id: u32, rows: &RoaringBitmap) -> R<FileFragment> {
    let fragment = ds.lance.get_fragment(id as usize).ok_or_else(|| {
        BridgeError::invalid(format!("a gone row is in fragment {id}, which does not exist"))
    })?;
    let physical = fragment.metadata().physical_rows.unwrap_or(0) as u64;
    if u64::from(rows.max().unwrap_or(0)) >= physical {
        return Err(BridgeError::invalid(format!(
            "a gone row lies past the {physical} rows of fragment {id}"
        )));
    }
    if let Some(deleted) = fragment.get_deletion_vector().await?
        && let Some(row) = rows.iter().find(|row| deleted.contains(*row))
    {
        return Err(BridgeError::invalid(format!("row {row} of fragment {id} is gone already")));
    }
    Ok(fragment)
}

/// Invariant 2. Row ids kept outside the manifest are not checked: reading them is a scan of its own.
fn check_row_ids(fragments: &[(FileFragment, RoaringBitmap)], row_ids: &[u64]) -> R<()> {
    let mut freed = HashSet::new();
    for (fragment, rows) in fragments {
        match &fragment.metadata().row_id_meta {
            Some(RowIdMeta::Inline(data)) => {
                let ids = read_row_ids(data)?;
                freed.extend(rows.iter().filter_map(|row| ids.get(row as usize)));
            }
            Some(RowIdMeta::Column) => return Ok(()),
            None => {
                return Err(BridgeError::new(Code::Unsupported, "the table has no stable row ids"));
            }
        }
    }
    let mut seen = HashSet::new();
    for id in row_ids {
        if !freed.contains(id) {
            return Err(BridgeError::invalid(format!("the updated row {id} is not among the gone rows")));
        }
        if !seen.insert(*id) {
            return Err(BridgeError::invalid(format!("the row id {id} is updated twice")));
        }
    }
    Ok(())
}

async fn write_deletions(fragments: Vec<(FileFragment, RoaringBitmap)>) -> R<Deletions> {
    let mut out = Deletions::default();
    for (fragment, rows) in fragments {
        let id = fragment.id() as u64;
        match fragment.extend_deletions(rows).await? {
            Some(changed) => out.updated.push(changed.metadata().clone()),
            None => out.removed.push(id),
        }
    }
    Ok(out)
}

/// Gives the rewritten rows their old row ids, in the order in which they were written.
fn keep_row_ids(fragments: &mut [Fragment], row_ids: &[u64]) -> R<()> {
    let written = rows_of(fragments);
    if written != row_ids.len() as u64 {
        return Err(BridgeError::invalid(format!(
            "{written} updated rows came with {} row ids",
            row_ids.len()
        )));
    }
    if fragments.is_empty() {
        return Ok(());
    }
    let sizes: Vec<u64> = fragments.iter().map(|f| f.physical_rows.unwrap_or(0) as u64).collect();
    let chunks = rechunk_sequences([RowIdSequence::from(row_ids)], sizes, false)?;
    for (fragment, ids) in fragments.iter_mut().zip(chunks) {
        fragment.row_id_meta = Some(RowIdMeta::Inline(write_row_ids(&ids).into()));
    }
    Ok(())
}

async fn write_rows(ds: &Handle, params: &WriteParams, input: Option<Input>) -> R<Vec<Fragment>> {
    let Some(input) = input else {
        return Ok(Vec::new());
    };
    let tx = insert(WriteDestination::Dataset(ds.lance.clone()), params, input).await?;
    Ok(fragments_of(&tx.operation).to_vec())
}

struct Delta<'a> {
    ds: &'a Handle,
    gone: Gone,
    row_ids: &'a [u64],
    params: WriteParams,
}

impl Delta<'_> {
    async fn stage(&self, updated: Option<Input>, inserted: Option<Input>) -> R<Staged> {
        let mut fragments = Vec::new();
        for (id, rows) in &self.gone {
            fragments.push((check_group(self.ds, *id, rows).await?, rows.clone()));
        }
        check_row_ids(&fragments, self.row_ids)?;
        // Side by side: three kinds of files that do not depend on each other cost one round trip.
        let (deletions, updated, inserted) = futures::join!(
            write_deletions(fragments),
            write_rows(self.ds, &self.params, updated),
            write_rows(self.ds, &self.params, inserted),
        );
        let mut parts = Parts {
            deletions: deletions.map_err(Some),
            updated: updated.map_err(Some),
            inserted: inserted.map_err(Some),
        };
        let kept = match &mut parts.updated {
            Ok(fragments) => keep_row_ids(fragments, self.row_ids),
            Err(_) => Ok(()),
        };
        if let Some(error) = kept.err().or_else(|| parts.take_error()) {
            parts.discard(self).await;
            return Err(error);
        }
        self.assemble(parts).await
    }

    async fn assemble(&self, parts: Parts) -> R<Staged> {
        let (Ok(deletions), Ok(updated), Ok(inserted)) = (parts.deletions, parts.updated, parts.inserted)
        else {
            return Err(BridgeError::new(Code::Internal, "a failed part of a row-delta was not noticed"));
        };
        let rows = rows_of(&updated) + rows_of(&inserted);
        let sizes = deletion_sizes(self.ds, &deletions.updated).await?;
        let affected: RowAddrTreeMap = self.addresses();
        let new_fragments: Vec<Fragment> = updated.into_iter().chain(inserted).collect();
        let tx = self.transaction(self.operation(deletions, new_fragments));
        Ok(Staged {
            branch: self.ds.branch().to_string(),
            affected: (!self.gone.is_empty()).then_some(affected),
            rows,
            gone: self.gone.values().map(RoaringBitmap::len).sum(),
            sizes,
            ..Staged::of(tx)
        })
    }

    /// The plainest operation that says it: other Lance clients understand an append and a delete best.
    fn operation(&self, deletions: Deletions, new_fragments: Vec<Fragment>) -> Operation {
        let Deletions { updated, removed } = deletions;
        if self.gone.is_empty() {
            return Operation::Append { fragments: new_fragments };
        }
        if new_fragments.is_empty() {
            return Operation::Delete {
                updated_fragments: updated,
                deleted_fragment_ids: removed,
                predicate: "row-delta".to_string(),
            };
        }
        let fields = self.ds.lance.schema().fields_pre_order().map(|f| f.id as u32).collect();
        Operation::Update {
            removed_fragment_ids: removed,
            updated_fragments: updated,
            new_fragments,
            fields_modified: Vec::new(),
            compacted_sstables: Vec::new(),
            fields_for_preserving_frag_bitmap: fields,
            update_mode: Some(UpdateMode::RewriteRows),
            inserted_rows_filter: None,
            updated_fragment_offsets: None,
        }
    }

    fn transaction(&self, operation: Operation) -> Transaction {
        TransactionBuilder::new(self.ds.version(), operation)
            .transaction_properties(self.params.transaction_properties.clone())
            .build()
    }

    fn addresses(&self) -> RowAddrTreeMap {
        let mut out = RowAddrTreeMap::new();
        for (fragment, rows) in &self.gone {
            out.insert_bitmap(*fragment, rows.clone());
        }
        out
    }
}

/// The three independent results; an error is taken out once.
struct Parts {
    deletions: Result<Deletions, Option<BridgeError>>,
    updated: Result<Vec<Fragment>, Option<BridgeError>>,
    inserted: Result<Vec<Fragment>, Option<BridgeError>>,
}

impl Parts {
    fn take_error(&mut self) -> Option<BridgeError> {
        let deletions = self.deletions.as_mut().err().and_then(Option::take);
        let updated = self.updated.as_mut().err().and_then(Option::take);
        let inserted = self.inserted.as_mut().err().and_then(Option::take);
        deletions.or(updated).or(inserted)
    }

    /// Lance removes the files of the part that failed; what the others wrote is removed here.
    async fn discard(self, delta: &Delta<'_>) {
        let Deletions { updated, .. } = self.deletions.unwrap_or_default();
        let rows = self.updated.unwrap_or_default().into_iter().chain(self.inserted.unwrap_or_default());
        let operation = Operation::Update {
            removed_fragment_ids: Vec::new(),
            updated_fragments: updated,
            new_fragments: rows.collect(),
            fields_modified: Vec::new(),
            compacted_sstables: Vec::new(),
            fields_for_preserving_frag_bitmap: Vec::new(),
            update_mode: None,
            inserted_rows_filter: None,
            updated_fragment_offsets: None,
        };
        let staged = Staged::of(delta.transaction(operation));
        let base = delta.ds.lance.branch_location().path;
        if let Ok(store) = delta.ds.store().await {
            let _ = delete_files(&store, &base, &staged).await;
        }
    }
}

unsafe fn taken(
    stream: R<Option<ArrowArrayStreamReader>>,
    call: &Call,
    turn: &Turn,
) -> R<(Option<Input>, Option<Released>)> {
    Ok(stream?.map(|reader| Input::new(reader, call, turn)).unzip())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stage_delta(
    call: *const TlbCall,
    ds: *mut Handle,
    gone: *const u64,
    n_gone: usize,
    updated: *mut FFI_ArrowArrayStream,
    row_ids: *const u64,
    n_row_ids: usize,
    inserted: *mut FFI_ArrowArrayStream,
    params: TlbStr,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (updated, inserted) = (take(updated), take(inserted));
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let params: StageParams = params.json("the staging parameters")?;
        let turn = Turn::default();
        let (updated, first) = taken(updated, &call, &turn)?;
        let (inserted, second) = taken(inserted, &call, &turn)?;
        let row_ids = slice(row_ids, n_row_ids, "row_ids")?;
        let done = stage(&call, &ds, slice(gone, n_gone, "gone")?, row_ids, &params, updated, inserted);
        for released in [first, second].into_iter().flatten() {
            ds.session.env.wait(released.wait());
        }
        put(out, Tx::new(done?))
    })
}

fn stage(
    call: &Call,
    ds: &Arc<Handle>,
    gone: &[u64],
    row_ids: &[u64],
    params: &StageParams,
    updated: Option<Input>,
    inserted: Option<Input>,
) -> R<Staged> {
    if updated.is_none() && !row_ids.is_empty() {
        return Err(BridgeError::invalid("row_ids without a stream of updated rows"));
    }
    let params = params.write_params(&ds.session, WriteMode::Append)?;
    let delta = Delta { ds, gone: group(gone)?, row_ids, params };
    let work = delta.stage(updated, inserted).boxed();
    ds.session.env.run_staging(call, &ds.session.taps(), work)
}
