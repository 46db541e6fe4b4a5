//! Read-only SQL over pinned datasets and local Parquet files.
//!
//! Three gates, each enough alone for what it covers: one statement per text; an allow-list over the parsed
//! statement; DataFusion's own check of the logical plan, which also sees what a query hides (`SELECT INTO`).
//! The catalogue holds only what was added, so it is the sandbox.

use std::sync::{Arc, Mutex, PoisonError};

use datafusion::execution::SessionStateBuilder;
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{SQLOptions, SessionConfig, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::Statement as Ast;
use futures::FutureExt;
use lance::datafusion::LanceTableProvider;
use serde::Deserialize;

use crate::dataset::Handle;
use crate::env::Env;
use crate::error::{BridgeError, Code, R};
use crate::ffi::{Call, TlbCall, TlbStr, borrow, guard, put, release};
use crate::stream::Stream;
use crate::tap::Tap;

const PARTITIONS: usize = 2;
const BATCH_ROWS: usize = 8192;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct SqlConfig {
    memory_bytes: Option<usize>,
    spill_bytes: Option<u64>,
    partitions: Option<usize>,
    batch_rows: Option<usize>,
}

pub struct Sql {
    env: Arc<Env>,
    context: SessionContext,
    taps: Mutex<Vec<Arc<Tap>>>,
}

impl Sql {
    fn new(env: Arc<Env>, config: SqlConfig) -> R<Self> {
        let mut session = SessionConfig::new()
            .with_target_partitions(config.partitions.unwrap_or(PARTITIONS).max(1))
            .with_batch_size(config.batch_rows.unwrap_or(BATCH_ROWS).max(1))
            .with_information_schema(true)
            .with_default_catalog_and_schema("tarn", "main");
        // Plain strings in and out: the reader in C++ knows no view types.
        let options = session.options_mut();
        options.optimizer.expand_views_at_output = true;
        options.sql_parser.map_string_types_to_utf8view = false;
        let state = SessionStateBuilder::new()
            .with_config(session)
            .with_runtime_env(env.limits(config.memory_bytes, config.spill_bytes)?)
            .with_default_features()
            .build();
        let context = SessionContext::new_with_state(state);
        lance_datafusion::udf::register_functions(&context);
        Ok(Self { env, context, taps: Mutex::default() })
    }

    fn taps(&self) -> Vec<Arc<Tap>> {
        self.taps.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, name: &str, ds: &Handle) -> R<()> {
        let table = LanceTableProvider::new_with_ordering(ds.lance.clone(), false, false, false);
        self.register(name, Arc::new(table))?;
        let mut taps = self.taps.lock().unwrap_or_else(PoisonError::into_inner);
        if !taps.iter().any(|tap| Arc::ptr_eq(tap, &ds.session.tap)) {
            taps.push(ds.session.tap.clone());
        }
        Ok(())
    }

    /// A quoted reference keeps the name as it is; an unquoted one in SQL is lower-cased, as SQL has it.
    fn register(&self, name: &str, table: Arc<dyn datafusion::datasource::TableProvider>) -> R<()> {
        if name.is_empty() {
            return Err(BridgeError::invalid("the table's name is empty"));
        }
        let reference = datafusion::common::TableReference::bare(name);
        if self.context.table_exist(reference.clone())? {
            return Err(BridgeError::new(Code::Exists, format!("the table '{name}' was added already")));
        }
        self.context.register_table(reference, table)?;
        Ok(())
    }

    #[cfg(feature = "parquet")]
    async fn add_parquet(&self, name: &str, path: &str) -> R<()> {
        use datafusion::datasource::file_format::parquet::ParquetFormat;
        use datafusion::datasource::listing::{
            ListingOptions, ListingTable, ListingTableConfig, ListingTableUrl,
        };
        let file = std::path::Path::new(path);
        if !file.is_absolute() {
            return Err(BridgeError::invalid(format!("'{path}' is not an absolute path")));
        }
        if !file.is_file() {
            return Err(BridgeError::new(Code::NotFound, format!("there is no file '{path}'")));
        }
        let url = url::Url::from_file_path(file)
            .map_err(|()| BridgeError::invalid(format!("'{path}' is not an absolute path")))?;
        let state = self.context.state();
        let format = ParquetFormat::default().with_force_view_types(false);
        let config = ListingTableConfig::new(ListingTableUrl::parse(url.as_str())?)
            .with_listing_options(ListingOptions::new(Arc::new(format)).with_file_extension(""))
            .infer_schema(&state)
            .await?;
        self.register(name, Arc::new(ListingTable::try_new(config)?))
    }

    #[cfg(not(feature = "parquet"))]
    async fn add_parquet(&self, _name: &str, _path: &str) -> R<()> {
        Err(BridgeError::new(Code::Unsupported, "this build reads no Parquet"))
    }

    async fn query(&self, sql: &str) -> R<datafusion::execution::SendableRecordBatchStream> {
        let state = self.context.state();
        let dialect = state.config().options().sql_parser.dialect;
        // Gate one: DataFusion calls a second statement "not implemented".
        let statement = state
            .sql_to_statement(sql, &dialect)
            .map_err(|e| BridgeError::new(Code::Sql, e.strip_backtrace()))?;
        check_statement(&statement)?;
        let plan = state.statement_to_plan(statement).await?;
        SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false)
            .verify_plan(&plan)
            .map_err(|e| read_only(&e.strip_backtrace()))?;
        let frame = self.context.execute_logical_plan(plan).await?;
        let physical = frame.create_physical_plan().await?;
        Ok(execute_stream(physical, self.context.task_ctx())?)
    }
}

fn read_only(what: &str) -> BridgeError {
    BridgeError::new(Code::ReadOnly, format!("only queries are allowed here: {what}"))
}

/// Gate two.
fn check_statement(statement: &Statement) -> R<()> {
    match statement {
        Statement::Statement(ast) => check_ast(ast),
        Statement::Explain(explain) => check_statement(&explain.statement),
        Statement::CreateExternalTable(_) => Err(read_only("CREATE EXTERNAL TABLE")),
        Statement::CopyTo(_) => Err(read_only("COPY")),
        Statement::Reset(_) => Err(read_only("RESET")),
    }
}

fn check_ast(ast: &Ast) -> R<()> {
    match ast {
        Ast::Query(_) | Ast::ShowTables { .. } | Ast::ShowColumns { .. } | Ast::ExplainTable { .. } => Ok(()),
        Ast::Explain { statement, .. } => check_ast(statement),
        other => {
            let text = other.to_string();
            let verb: Vec<&str> = text.split_whitespace().take(2).collect();
            Err(read_only(&verb.join(" ")))
        }
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_sql_new(
    env: *mut Env,
    cfg: TlbStr,
    out: *mut *mut Sql,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        put(out, Sql::new(borrow(env, "the environment")?, cfg.json("the SQL configuration")?)?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_sql_add_dataset(
    sql: *mut Sql,
    name: TlbStr,
    ds: *mut Handle,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        borrow(sql, "the SQL context")?.add(name.text("the table's name")?, &*borrow(ds, "the dataset")?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_sql_add_parquet(
    call: *const TlbCall,
    sql: *mut Sql,
    name: TlbStr,
    path: TlbStr,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, sql) = (Call::from_c(call)?, borrow(sql, "the SQL context")?);
        let (name, path) = (name.text("the table's name")?, path.text("the path")?);
        sql.env.run(&call, &sql.taps(), sql.add_parquet(name, path).boxed())
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_sql_run(
    call: *const TlbCall,
    sql: *mut Sql,
    text: TlbStr,
    out: *mut *mut Stream,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let (call, sql) = (Call::from_c(call)?, borrow(sql, "the SQL context")?);
        let text = text.text("the query")?;
        put(out, Stream::open(&sql.env, &call, &sql.taps(), sql.query(text).boxed())?)
    })
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_sql_free(sql: *mut Sql) {
    unsafe { release(sql) };
}
