//! Scans: a JSON spec, each member one option of Lance's scanner, executed under the environment's limits.

use std::sync::Arc;

use arrow_schema::Schema as ArrowSchema;
use datafusion::execution::SendableRecordBatchStream;
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_expr::expressions::Column;
use datafusion::physical_plan::coalesce_partitions::CoalescePartitionsExec;
use datafusion::physical_plan::projection::ProjectionExec;
use datafusion::physical_plan::sorts::sort_preserving_merge::SortPreservingMergeExec;
use datafusion::physical_plan::{ExecutionPlan, ExecutionPlanProperties};
use futures::FutureExt;
use lance::dataset::scanner::{ColumnOrdering, Scanner};
use serde::Deserialize;

use crate::dataset::Handle;
use crate::env::Env;
use crate::error::{BridgeError, R};
use crate::ffi::{Call, TlbBuf, TlbCall, TlbStr, borrow, guard, put, write_buf, write_to};
use crate::filter::{Node, expression};
use crate::stream::Stream;

/// Lance's default of 2 GiB per scan is more than a whole Tarn may use.
const IO_BUFFER_BYTES: u64 = 64 << 20;
const BATCH_ROWS: usize = 8192;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    column: String,
    #[serde(default)]
    desc: bool,
    #[serde(default)]
    nulls_first: bool,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Spec {
    columns: Option<Vec<String>>,
    filter: Option<Node>,
    filter_sql: Option<String>,
    row_id: bool,
    row_addr: bool,
    limit: Option<i64>,
    offset: Option<i64>,
    order_by: Vec<Order>,
    batch_rows: Option<usize>,
    fragments: Option<Vec<u64>>,
    in_order: Option<bool>,
    io_buffer_bytes: Option<u64>,
    use_index: Option<bool>,
}

impl Spec {
    fn scanner(&self, ds: &Handle) -> R<Scanner> {
        let mut scanner = ds.lance.scan();
        // A blob column that is asked for by name is asked for its bytes; nobody scans descriptors.
        scanner.blob_handling(lance_core::datatypes::BlobHandling::AllBinary);
        if let Some(columns) = &self.columns {
            let hidden = self.hidden();
            scanner.project(&columns.iter().map(String::as_str).chain(hidden).collect::<Vec<_>>())?;
        }
        if self.row_id {
            scanner.with_row_id();
        }
        if self.row_addr {
            scanner.with_row_address();
        }
        self.apply_filter(&mut scanner, ds)?;
        if self.limit.is_some() || self.offset.is_some() {
            scanner.limit(self.limit, self.offset)?;
        }
        if !self.order_by.is_empty() {
            let order = |o: &Order| ColumnOrdering {
                ascending: !o.desc,
                nulls_first: o.nulls_first,
                column_name: o.column.clone(),
            };
            scanner.order_by(Some(self.order_by.iter().map(order).collect()))?;
        }
        if let Some(ids) = &self.fragments {
            let found = ids.iter().map(|id| {
                ds.lance
                    .get_fragment(*id as usize)
                    .map(|f| f.metadata().clone())
                    .ok_or_else(|| BridgeError::invalid(format!("there is no fragment {id}")))
            });
            scanner.with_fragments(found.collect::<R<Vec<_>>>()?);
        }
        scanner
            .batch_size(self.batch_rows.unwrap_or(BATCH_ROWS).max(1))
            .io_buffer_size(self.io_buffer_bytes.unwrap_or(IO_BUFFER_BYTES))
            .scan_in_order(self.in_order.unwrap_or(true))
            .use_scalar_index(self.use_index.unwrap_or(true))
            .use_index(self.use_index.unwrap_or(true))
            .prefilter(true);
        Ok(scanner)
    }

    /// Sort keys that are not asked for. Lance sorts by a column it does not project only in some plans, and
    /// forgets the order when it merges partitions; so they are projected here and dropped at the very end.
    fn hidden(&self) -> Vec<&str> {
        let Some(columns) = &self.columns else {
            return Vec::new();
        };
        let mut hidden: Vec<&str> = Vec::new();
        for key in &self.order_by {
            if !columns.contains(&key.column) && !hidden.contains(&key.column.as_str()) {
                hidden.push(&key.column);
            }
        }
        hidden
    }

    fn without_hidden(&self, plan: Arc<dyn ExecutionPlan>) -> R<Arc<dyn ExecutionPlan>> {
        let hidden = self.hidden();
        if hidden.is_empty() {
            return Ok(plan);
        }
        let schema = plan.schema();
        let kept = schema.fields().iter().enumerate().filter(|(_, f)| !hidden.contains(&f.name().as_str()));
        let exprs: Vec<(Arc<dyn PhysicalExpr>, String)> = kept
            .map(|(at, f)| (Arc::new(Column::new(f.name(), at)) as Arc<dyn PhysicalExpr>, f.name().clone()))
            .collect();
        Ok(Arc::new(ProjectionExec::try_new(exprs, plan)?))
    }

    fn apply_filter(&self, scanner: &mut Scanner, ds: &Handle) -> R<()> {
        match (&self.filter, &self.filter_sql) {
            (Some(_), Some(_)) => Err(BridgeError::invalid("give either filter or filter_sql")),
            (Some(tree), None) => {
                let schema = ArrowSchema::from(ds.lance.schema());
                scanner.filter_expr(expression(tree, &schema)?);
                Ok(())
            }
            (None, Some(sql)) => {
                scanner.filter(sql)?;
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }
}

/// One partition, in the plan's order if it has one.
fn merged(plan: Arc<dyn ExecutionPlan>) -> Arc<dyn ExecutionPlan> {
    if plan.output_partitioning().partition_count() == 1 {
        return plan;
    }
    match plan.output_ordering().cloned() {
        Some(ordering) => Arc::new(SortPreservingMergeExec::new(ordering, plan)),
        None => Arc::new(CoalescePartitionsExec::new(plan)),
    }
}

/// Runs the scan under the environment's memory pool. Each execution needs a context of its own: Lance takes a
/// context's identity for the identity of one query.
async fn execute(env: &Env, spec: &Spec, ds: &Handle) -> R<SendableRecordBatchStream> {
    let plan = merged(spec.scanner(ds)?.create_plan().await?);
    Ok(spec.without_hidden(plan)?.execute(0, Arc::new(env.scan_context()))?)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_scan(
    call: *const TlbCall,
    ds: *mut Handle,
    spec: TlbStr,
    out: *mut *mut Stream,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let spec: Spec = spec.json("the scan")?;
        let env = ds.session.env.clone();
        let taps = ds.session.taps();
        put(out, Stream::open(&env, &call, &taps, execute(&env, &spec, &ds).boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_scan_count(
    call: *const TlbCall,
    ds: *mut Handle,
    spec: TlbStr,
    rows: *mut u64,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let spec: Spec = spec.json("the scan")?;
        let work = async { Ok(spec.scanner(&ds)?.count_rows().await?) };
        write_to(rows, ds.session.env.run(&call, &ds.session.taps(), work.boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_scan_explain(
    call: *const TlbCall,
    ds: *mut Handle,
    spec: TlbStr,
    out: *mut TlbBuf,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let spec: Spec = spec.json("the scan")?;
        let work = async { Ok(spec.scanner(&ds)?.explain_plan(true).await?) };
        write_buf(out, ds.session.env.run(&call, &ds.session.taps(), work.boxed())?.into_bytes())
    })
}
