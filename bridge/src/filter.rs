//! Filter trees: JSON to a DataFusion expression. No SQL text is built, so nothing can be quoted wrongly.
//!
//! A literal takes the column's own type where that loses nothing, because only then scalar indexes and page
//! statistics apply; otherwise the column is compared in the literal's type.

use arrow_schema::{DataType, Schema};
use datafusion::common::{Column, ScalarValue};
use datafusion::functions::string::expr_fn as text;
use datafusion::functions_nested::expr_fn as nested;
use datafusion::logical_expr::{Expr, Operator, binary_expr, cast, lit, not};
use serde::Deserialize;
use serde_json::Value;

use crate::error::{BridgeError, Code, R};

/// Deeper trees are refused; DataFusion walks expressions recursively.
const DEPTH_MAX: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    op: String,
    #[serde(default)]
    args: Vec<Node>,
    column: Option<String>,
    value: Option<Value>,
    values: Option<Vec<Value>>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

pub fn expression(node: &Node, schema: &Schema) -> R<Expr> {
    build(node, schema, 0)
}

fn build(node: &Node, schema: &Schema, depth: usize) -> R<Expr> {
    if depth > DEPTH_MAX {
        return Err(BridgeError::invalid(format!("the filter is nested deeper than {DEPTH_MAX}")));
    }
    let args = || -> R<Vec<Expr>> { node.args.iter().map(|arg| build(arg, schema, depth + 1)).collect() };
    match node.op.as_str() {
        "and" => Ok(args()?.into_iter().reduce(Expr::and).unwrap_or_else(|| lit(true))),
        "or" => Ok(args()?.into_iter().reduce(Expr::or).unwrap_or_else(|| lit(false))),
        "not" => match <[Expr; 1]>::try_from(args()?) {
            Ok([only]) => Ok(not(only)),
            Err(_) => Err(BridgeError::invalid("'not' takes one argument")),
        },
        "=" => compare(node, schema, Operator::Eq),
        "!=" => compare(node, schema, Operator::NotEq),
        "<" => compare(node, schema, Operator::Lt),
        "<=" => compare(node, schema, Operator::LtEq),
        ">" => compare(node, schema, Operator::Gt),
        ">=" => compare(node, schema, Operator::GtEq),
        "is_null" => Ok(column(node, schema)?.0.is_null()),
        "is_not_null" => Ok(column(node, schema)?.0.is_not_null()),
        "in" => membership(node, schema),
        "starts_with" => Ok(text::starts_with(column(node, schema)?.0, lit(needle(node)?))),
        "contains" => Ok(text::contains(column(node, schema)?.0, lit(needle(node)?))),
        "list_contains" => list_contains(node, schema),
        other => Err(BridgeError::invalid(format!("the filter operator '{other}' is unknown"))),
    }
}

/// The column by its exact name (`col` would lower-case it) and its type.
fn column(node: &Node, schema: &Schema) -> R<(Expr, DataType)> {
    let name = node
        .column
        .as_deref()
        .ok_or_else(|| BridgeError::invalid(format!("'{}' needs a column", node.op)))?;
    let kind = match name {
        "_rowid" | "_rowaddr" | "_row_created_at_version" | "_row_last_updated_at_version" => {
            DataType::UInt64
        }
        name => match schema.field_with_name(name) {
            Ok(field) => field.data_type().clone(),
            Err(_) => return Err(BridgeError::new(Code::Schema, format!("there is no column '{name}'"))),
        },
    };
    Ok((Expr::Column(Column::new_unqualified(name)), kind))
}

fn compare(node: &Node, schema: &Schema, op: Operator) -> R<Expr> {
    let (column, kind) = column(node, schema)?;
    let value =
        node.value.as_ref().ok_or_else(|| BridgeError::invalid(format!("'{}' needs a value", node.op)))?;
    let value = literal(value, node.kind.as_deref(), &kind)?;
    Ok(match fit(&value, &kind)? {
        Fit::Same(value) => binary_expr(column, op, lit(value)),
        Fit::Wider(kind, value) => binary_expr(cast(column, kind), op, lit(value)),
        Fit::Below => constant(column, matches!(op, Operator::NotEq | Operator::Gt | Operator::GtEq)),
        Fit::Above => constant(column, matches!(op, Operator::NotEq | Operator::Lt | Operator::LtEq)),
    })
}

fn membership(node: &Node, schema: &Schema) -> R<Expr> {
    let (column, kind) = column(node, schema)?;
    let values = node.values.as_ref().ok_or_else(|| BridgeError::invalid("'in' needs values"))?;
    let mut same = Vec::with_capacity(values.len());
    let mut wider: Vec<(DataType, ScalarValue)> = Vec::new();
    for value in values {
        match fit(&literal(value, node.kind.as_deref(), &kind)?, &kind)? {
            Fit::Same(value) => same.push(value),
            Fit::Wider(kind, value) => wider.push((kind, value)),
            Fit::Below | Fit::Above => {}
        }
    }
    let plain = match same.is_empty() {
        true => constant(column.clone(), false),
        false => column.clone().in_list(same.into_iter().map(lit).collect(), false),
    };
    let one = |(kind, value)| binary_expr(cast(column.clone(), kind), Operator::Eq, lit(value));
    Ok(wider.into_iter().map(one).fold(plain, Expr::or))
}

/// A comparison whose answer is the same for every value; null still answers null, so that NOT of it does too.
fn constant(column: Expr, answer: bool) -> Expr {
    let unknown = || lit(ScalarValue::Boolean(None));
    if answer { column.is_not_null().or(unknown()) } else { column.is_null().and(unknown()) }
}

fn list_contains(node: &Node, schema: &Schema) -> R<Expr> {
    let (column, kind) = column(node, schema)?;
    let item = match &kind {
        DataType::List(f) | DataType::LargeList(f) | DataType::FixedSizeList(f, _) => f.data_type().clone(),
        other => {
            return Err(BridgeError::new(
                Code::Schema,
                format!("'list_contains' on a column of type {other}"),
            ));
        }
    };
    let value = node.value.as_ref().ok_or_else(|| BridgeError::invalid("'list_contains' needs a value"))?;
    let value = literal(value, node.kind.as_deref(), &item)?;
    let value = lossless(&value, &item).unwrap_or(value);
    Ok(nested::array_has(column, lit(value)))
}

fn needle(node: &Node) -> R<String> {
    match &node.value {
        Some(Value::String(s)) => Ok(s.clone()),
        _ => Err(BridgeError::invalid(format!("'{}' needs a string value", node.op))),
    }
}

/// How a literal meets a column.
enum Fit {
    /// The value in the column's type.
    Same(ScalarValue),
    /// The type in which the column is compared, and the value in it.
    Wider(DataType, ScalarValue),
    /// An integer below or above everything the column's type holds.
    Below,
    Above,
}

fn fit(value: &ScalarValue, kind: &DataType) -> R<Fit> {
    if let Some(same) = lossless(value, kind) {
        return Ok(Fit::Same(same));
    }
    let own = value.data_type();
    if own.is_integer() && kind.is_integer() {
        // Only a negative value is below an unsigned column; a signed column's minimum decides for itself.
        let negative = matches!(value, ScalarValue::Int64(Some(v)) if *v < 0);
        return Ok(if negative { Fit::Below } else { Fit::Above });
    }
    if own.is_numeric() && kind.is_numeric() {
        return Ok(Fit::Wider(DataType::Float64, value.cast_to(&DataType::Float64)?));
    }
    Err(BridgeError::new(Code::Schema, format!("a column of type {kind} cannot be compared with {own}")))
}

/// The value in another type of its family, if it is the same value there.
fn lossless(value: &ScalarValue, kind: &DataType) -> Option<ScalarValue> {
    let own = value.data_type();
    if own == *kind {
        return Some(value.clone());
    }
    let family = |t: &DataType| match t {
        t if t.is_numeric() => 1,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => 2,
        DataType::Date32 | DataType::Date64 | DataType::Timestamp(..) => 3,
        DataType::Boolean => 4,
        _ => 0,
    };
    if family(&own) != family(kind) {
        return None;
    }
    let there = value.cast_to(kind).ok()?;
    let back = there.cast_to(&own).ok()?;
    (!there.is_null() && back == *value).then_some(there)
}

fn literal(value: &Value, kind: Option<&str>, column: &DataType) -> R<ScalarValue> {
    let wrong = || BridgeError::invalid(format!("the value {value} is not of type {}", kind.unwrap_or("?")));
    let days = || value.as_i64().and_then(|v| i32::try_from(v).ok());
    let found = match kind {
        Some("int64") => value.as_i64().map(|v| ScalarValue::Int64(Some(v))),
        Some("uint64") => value.as_u64().map(|v| ScalarValue::UInt64(Some(v))),
        Some("float32") => float(value).map(|v| ScalarValue::Float32(Some(v as f32))),
        Some("float64") => float(value).map(|v| ScalarValue::Float64(Some(v))),
        Some("utf8") => value.as_str().map(|v| ScalarValue::Utf8(Some(v.to_string()))),
        Some("bool") => value.as_bool().map(|v| ScalarValue::Boolean(Some(v))),
        Some("date32") if value.is_string() => parsed(value, &DataType::Date32),
        Some("date64") if value.is_string() => parsed(value, &DataType::Date64),
        Some("date32") => days().map(|v| ScalarValue::Date32(Some(v))),
        Some("date64") => value.as_i64().map(|v| ScalarValue::Date64(Some(v))),
        Some(other) => return Err(BridgeError::invalid(format!("the filter type '{other}' is unknown"))),
        None => return Err(BridgeError::invalid(format!("a value compared with a {column} needs a type"))),
    };
    found.ok_or_else(wrong)
}

/// JSON has no infinities: they come as text.
fn float(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()))
}

fn parsed(value: &Value, kind: &DataType) -> Option<ScalarValue> {
    ScalarValue::Utf8(Some(value.as_str()?.to_string())).cast_to(kind).ok()
}
