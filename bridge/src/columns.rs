//! Other columns for the same rows: renamed, dropped, widened and new ones in one version. No row moves and no row
//! id changes; only columns whose values change are written, each fragment's into a file of its own.
//!
//! What Lance demands of such a transaction, and how it is met:
//! 1. `Merge` keeps nullability and never lets a column take another's name without its data. A column that
//!    breaks this is written anew under a fresh field id, like a widened one.
//! 2. `Project` changes the schema alone and is free of that, so it serves whenever there is no new column.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow::compute::{cast, take};
use arrow::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array, ArrayRef, RecordBatch, RecordBatchReader, UInt64Array};
use arrow_schema::{ArrowError, Field as ArrowField, Schema as ArrowSchema};
use futures::FutureExt;
use lance::dataset::transaction::{Operation, Transaction, TransactionBuilder};
use lance::dataset::{BatchUDF, NewColumnTransform};
use lance_core::datatypes::{Field, Schema};
use lance_table::format::Fragment;
use serde::Deserialize;

use crate::dataset::Handle;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{Call, TlbCall, TlbStr, borrow, guard, put};
use crate::input::take as take_stream;
use crate::transaction::{Staged, Tx, delete_files};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Column {
    name: String,
    /// The column it continues; absent for a new one.
    from: Option<String>,
    nullable: bool,
    metadata: HashMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Spec {
    columns: Vec<Column>,
    #[serde(default)]
    properties: HashMap<String, String>,
}

/// Types of columns that are new or become another type, and the value of the new ones on the rows there are.
struct Fills(Option<RecordBatch>);

impl Fills {
    unsafe fn read(stream: *mut FFI_ArrowArrayStream) -> R<Self> {
        let Some(mut reader) = (unsafe { take_stream(stream) })? else {
            return Ok(Self(None));
        };
        let schema = reader.schema();
        let batch = reader.next().transpose()?.unwrap_or_else(|| RecordBatch::new_empty(schema));
        if batch.num_rows() != 1 || reader.next().is_some() {
            return Err(BridgeError::invalid("the stream of new columns must have one row"));
        }
        Ok(Self(Some(batch)))
    }

    fn find(&self, name: &str) -> Option<(ArrowField, ArrayRef)> {
        let batch = self.0.as_ref()?;
        let (at, field) = batch.schema_ref().column_with_name(name)?;
        Some((field.clone(), batch.column(at).clone()))
    }
}

/// A column that is written, under a name that no property can have until the schema is put together.
struct Written {
    field: ArrowField,
    from: Option<String>,
    fill: ArrayRef,
}

impl Written {
    fn values(&self, batch: &RecordBatch) -> Result<ArrayRef, ArrowError> {
        match &self.from {
            Some(from) => {
                let source = batch.column_by_name(from).ok_or_else(|| {
                    ArrowError::SchemaError(format!("column {from} was not read"))
                })?;
                cast(source, self.field.data_type())
            }
            None => take(&self.fill, &UInt64Array::from(vec![0; batch.num_rows()]), None),
        }
    }
}

/// Where each wanted column comes from.
enum Source {
    Kept(String),
    Fresh(String),
}

#[derive(Default)]
struct Layout {
    sources: Vec<Source>,
    written: Vec<Written>,
    nulls: Vec<ArrowField>,
}

fn lay_out(ds: &Handle, spec: &Spec, fills: &Fills) -> R<Layout> {
    let base = ds.lance.schema();
    let is_project = spec.columns.iter().all(|c| c.from.is_some() && fills.find(&c.name).is_none());
    let mut layout = Layout::default();
    for (i, column) in spec.columns.iter().enumerate() {
        let temporary = format!("tarn:new:{i}");
        let old = match &column.from {
            Some(from) => Some(base.field(from).ok_or_else(|| unknown(from))?),
            None => None,
        };
        let fill = fills.find(&column.name);
        let keeps = old.is_some_and(|old| {
            let name_is_free = column.name == old.name || base.field(&column.name).is_none();
            fill.is_none() && (is_project || (old.nullable == column.nullable && name_is_free))
        });
        if let (Some(from), true) = (&column.from, keeps) {
            layout.sources.push(Source::Kept(from.clone()));
            continue;
        }
        let (field, value) = match (fill, old) {
            (Some(fill), _) => fill,
            (None, Some(old)) => copy_of(old)?,
            (None, None) => return Err(unknown(&column.name)),
        };
        let field = field.with_name(&temporary).with_nullable(column.nullable);
        layout.sources.push(Source::Fresh(temporary));
        if old.is_none() && value.is_null(0) && base.field(&column.name).is_none() {
            layout.nulls.push(field);
        } else {
            layout.written.push(Written { field, from: column.from.clone(), fill: value });
        }
    }
    Ok(layout)
}

fn unknown(name: &str) -> BridgeError {
    BridgeError::invalid(format!("there is no column {name} to continue"))
}

/// A column that must be written although its values stay.
fn copy_of(old: &Field) -> R<(ArrowField, ArrayRef)> {
    if old.is_blob() {
        return Err(BridgeError::new(
            Code::Unsupported,
            format!("the blob column {} cannot change together with new columns", old.name),
        ));
    }
    let field = ArrowField::from(old);
    let value = arrow_array::new_null_array(field.data_type(), 1);
    Ok((field, value))
}

/// The base's fields and behind them the fresh ones, numbered as Lance's own writer of columns numbers them.
fn extended(ds: &Handle, layout: &Layout) -> R<Schema> {
    let written: Vec<ArrowField> = layout.written.iter().map(|w| w.field.clone()).collect();
    let mut schema = ds.lance.schema().clone();
    for fields in [written, layout.nulls.clone()] {
        schema = schema.merge(&ArrowSchema::new(fields))?;
        schema.try_set_field_id(Some(ds.lance.manifest().max_field_id()))?;
    }
    Ok(schema)
}

fn wanted_schema(spec: &Spec, layout: &Layout, extended: &Schema) -> R<Schema> {
    let mut fields = Vec::with_capacity(spec.columns.len());
    for (column, source) in spec.columns.iter().zip(&layout.sources) {
        let (Source::Kept(name) | Source::Fresh(name)) = source;
        let mut field = extended.field(name).ok_or_else(|| unknown(name))?.clone();
        field.name = column.name.clone();
        field.nullable = column.nullable;
        field.metadata.extend(column.metadata.clone());
        fields.push(field);
    }
    let schema = Schema { fields, metadata: extended.metadata.clone() };
    schema.validate()?;
    Ok(schema)
}

/// Fragments with their new files, and those files with their sizes.
#[derive(Default)]
struct Files {
    fragments: Vec<Fragment>,
    sizes: BTreeMap<String, u64>,
}

impl Files {
    fn add(&mut self, before: &Fragment, after: Fragment) {
        let known: HashSet<&str> = before.files.iter().map(|f| f.path.as_str()).collect();
        for file in after.files.iter().filter(|f| !known.contains(f.path.as_str())) {
            let size = file.file_size_bytes.get().map_or(0, |size| size.get());
            self.sizes.insert(format!("data/{}", file.path), size);
        }
        self.fragments.push(after);
    }
}

fn transform(written: &Arc<Vec<Written>>) -> NewColumnTransform {
    let fields: Vec<ArrowField> = written.iter().map(|w| w.field.clone()).collect();
    let schema = Arc::new(ArrowSchema::new(fields));
    let (columns, output) = (written.clone(), schema.clone());
    let mapper = move |batch: &RecordBatch| {
        let values = columns.iter().map(|w| w.values(batch)).collect::<Result<Vec<_>, _>>()?;
        Ok(RecordBatch::try_new(output.clone(), values)?)
    };
    NewColumnTransform::BatchUDF(BatchUDF {
        mapper: Box::new(mapper),
        output_schema: schema,
        result_checkpoint: None,
    })
}

async fn write_files(ds: &Handle, written: Vec<Written>, schema: &Schema, out: &mut Files) -> R<()> {
    let written = Arc::new(written);
    let read: Vec<String> = written.iter().filter_map(|w| w.from.clone()).collect();
    for fragment in ds.lance.get_fragments() {
        if written.is_empty() {
            out.add(fragment.metadata(), fragment.metadata().clone());
            continue;
        }
        let (after, numbered) = fragment.add_columns(transform(&written), Some(read.clone()), None).await?;
        out.add(fragment.metadata(), after);
        for column in written.iter() {
            let id = |schema: &Schema| schema.field(column.field.name()).map(|f| f.id);
            if id(&numbered) != id(schema) {
                return Err(BridgeError::new(Code::Internal, "new columns were numbered otherwise"));
            }
        }
    }
    Ok(())
}

fn transaction(ds: &Handle, spec: &Spec, operation: Operation) -> Transaction {
    let properties = (!spec.properties.is_empty()).then(|| Arc::new(spec.properties.clone()));
    TransactionBuilder::new(ds.version(), operation).transaction_properties(properties).build()
}

async fn stage(ds: &Handle, spec: &Spec, fills: &Fills) -> R<Staged> {
    let layout = lay_out(ds, spec, fills)?;
    let extended = extended(ds, &layout)?;
    let schema = wanted_schema(spec, &layout, &extended)?;
    let branch = ds.branch().to_string();
    if layout.written.is_empty() && layout.nulls.is_empty() {
        let operation = Operation::Project { schema, preserves_nullability: true };
        return Ok(Staged { branch, ..Staged::of(transaction(ds, spec, operation)) });
    }
    let preserves_nullability = layout.written.iter().all(|w| w.from.is_some() || w.field.is_nullable());
    let mut files = Files::default();
    let done = write_files(ds, layout.written, &extended, &mut files).await;
    let operation = Operation::Merge { fragments: files.fragments, schema, preserves_nullability };
    let staged =
        Staged { branch, sizes: files.sizes, ..Staged::of(transaction(ds, spec, operation)) };
    if let Err(error) = done {
        if let Ok(store) = ds.store().await {
            let _ = delete_files(&store, &ds.lance.branch_location().path, &staged).await;
        }
        return Err(error);
    }
    Ok(staged)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_stage_columns(
    call: *const TlbCall,
    ds: *mut Handle,
    spec: TlbStr,
    fills: *mut FFI_ArrowArrayStream,
    out: *mut *mut Tx,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let fills = Fills::read(fills);
        let (call, ds) = (Call::from_c(call)?, borrow(ds, "the dataset")?);
        let spec: Spec = spec.json("the columns")?;
        let fills = fills?;
        let work = stage(&ds, &spec, &fills).boxed();
        put(out, Tx::new(ds.session.env.run_staging(&call, &ds.session.taps(), work)?))
    })
}
