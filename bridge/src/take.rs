//! Rows by id, address or position, in the order asked for; what does not exist is left out.

use std::sync::Arc;

use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{ArrayRef, LargeBinaryArray, RecordBatch, new_empty_array};
use arrow_schema::{DataType, Field, Schema};
use futures::FutureExt;
use lance::dataset::{Dataset, ProjectionRequest, TakeBuilder};
use lance_core::{ROW_ADDR, ROW_ID};

use crate::dataset::Handle;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{Call, TlbCall, TlbStr, borrow, guard, slice};
use crate::stream::export;

const ROW_ID_KIND: i32 = 0;
const ROW_ADDR_KIND: i32 = 1;
const OFFSET_KIND: i32 = 2;

/// `_rowid` first, then the columns asked for. Unknown names are checked here: Lance panics on them.
fn projection(lance: &Dataset, columns: &[String]) -> R<ProjectionRequest> {
    let mut names = vec![ROW_ID];
    for name in columns.iter().map(String::as_str).filter(|name| *name != ROW_ID) {
        if !lance_core::is_system_column(name) && lance.schema().field(name).is_none() {
            return Err(BridgeError::new(Code::Schema, format!("there is no column '{name}'")));
        }
        names.push(name);
    }
    let schema = lance.schema().project_preserve_system_columns(&names)?;
    Ok(ProjectionRequest::from_schema(schema))
}

/// Addresses that point into this version's fragments; Lance fails on others.
fn existing(lance: &Dataset, addrs: &[u64]) -> Vec<u64> {
    let inside = |addr: &u64| {
        lance.get_fragment((addr >> 32) as usize).is_some_and(|fragment| {
            (*addr & 0xffff_ffff) < fragment.metadata().physical_rows.unwrap_or(0) as u64
        })
    };
    addrs.iter().copied().filter(inside).collect()
}

async fn taken(lance: Arc<Dataset>, kind: i32, ids: &[u64], columns: &[String]) -> R<RecordBatch> {
    let projection = projection(&lance, columns)?;
    match kind {
        ROW_ID_KIND => Ok(lance.take_rows(ids, projection).await?),
        ROW_ADDR_KIND => {
            let plan = Arc::new(projection.into_projection_plan(lance.clone())?);
            let addrs = existing(&lance, ids);
            Ok(TakeBuilder::try_new_from_addresses(lance, addrs, plan)?.execute().await?)
        }
        OFFSET_KIND => {
            let rows: usize = lance.fragments().iter().filter_map(|f| f.num_rows()).sum();
            let offsets: Vec<u64> = ids.iter().copied().filter(|offset| *offset < rows as u64).collect();
            Ok(lance.take(&offsets, projection).await?)
        }
        other => Err(BridgeError::invalid(format!("the take kind {other} is unknown"))),
    }
}

/// The bytes of a blob column at these addresses, in their order.
async fn blobs(lance: &Arc<Dataset>, column: &str, addrs: &[u64]) -> R<ArrayRef> {
    if addrs.is_empty() {
        return Ok(new_empty_array(&DataType::LargeBinary));
    }
    let read = lance.read_blobs(column)?.with_row_addresses(addrs).preserve_order(true).execute().await?;
    Ok(Arc::new(read.iter().map(|blob| blob.data.as_deref()).collect::<LargeBinaryArray>()))
}

/// As in a scan, who names a blob column gets its bytes. A take answers where they are, so they are read beside it.
async fn rows(ds: &Handle, kind: i32, ids: &[u64], columns: &[String]) -> R<RecordBatch> {
    let lance: Arc<Dataset> = ds.lance.clone();
    let is_blob = |name: &String| lance.schema().field(name).is_some_and(|field| field.is_blob());
    if !columns.iter().any(is_blob) {
        return taken(lance, kind, ids, columns).await;
    }
    let mut plain: Vec<String> = columns.iter().filter(|name| !is_blob(name)).cloned().collect();
    if !plain.iter().any(|name| name == ROW_ADDR) {
        plain.push(ROW_ADDR.to_string());
    }
    let found = taken(lance.clone(), kind, ids, &plain).await?;
    let addrs = found[ROW_ADDR].as_primitive::<UInt64Type>().values().to_vec();
    let mut fields = vec![found.schema().field_with_name(ROW_ID)?.clone()];
    let mut arrays = vec![found[ROW_ID].clone()];
    for name in columns.iter().filter(|name| *name != ROW_ID) {
        if is_blob(name) {
            fields.push(Field::new(name, DataType::LargeBinary, true));
            arrays.push(blobs(&lance, name, &addrs).await?);
        } else {
            fields.push(found.schema().field_with_name(name)?.clone());
            arrays.push(found[name.as_str()].clone());
        }
    }
    Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_take(
    call: *const TlbCall,
    ds: *mut Handle,
    kind: i32,
    ids: *const u64,
    n: usize,
    columns: TlbStr,
    out: *mut FFI_ArrowArray,
    out_schema: *mut FFI_ArrowSchema,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let ids = slice(ids, n, "ids")?;
        let columns: Vec<String> = columns.json("the columns")?;
        let work = rows(&ds, kind, ids, &columns).boxed();
        export(ds.session.env.run(&call, &ds.session.taps(), work)?, out, out_schema)
    })
}
