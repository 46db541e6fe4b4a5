//! Text to tokens, exactly as Lance's inverted index would make them.

use std::sync::Arc;

use arrow::ffi::{FFI_ArrowArray, FFI_ArrowSchema, from_ffi, to_ffi};
use arrow_array::builder::{ListBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{Array, ListArray, make_array};
use arrow_schema::{DataType, Field};
use lance_index::scalar::InvertedIndexParams;
use lance_tokenizer::TokenStream;

use crate::error::{BridgeError, R};
use crate::ffi::{TlbStr, guard, write_to};

/// Takes the input over, as the Arrow move rule says, also if the call fails.
unsafe fn import(array: *mut FFI_ArrowArray, schema: *mut FFI_ArrowSchema) -> R<Arc<dyn Array>> {
    if array.is_null() || schema.is_null() {
        return Err(BridgeError::invalid("the input array is null"));
    }
    let array = unsafe { std::ptr::replace(array, FFI_ArrowArray::empty()) };
    let schema = unsafe { std::ptr::replace(schema, FFI_ArrowSchema::empty()) };
    Ok(make_array(unsafe { from_ffi(array, &schema) }?))
}

fn tokens(params: &InvertedIndexParams, input: &dyn Array) -> R<ListArray> {
    if input.data_type() != &DataType::Utf8 {
        return Err(BridgeError::invalid(format!("the input is {}, not Utf8", input.data_type())));
    }
    let mut tokenizer = params.build()?;
    let mut out =
        ListBuilder::new(StringBuilder::new()).with_field(Arc::new(Field::new("item", DataType::Utf8, true)));
    for text in input.as_string::<i32>() {
        let Some(text) = text else {
            out.append_null();
            continue;
        };
        let mut stream = tokenizer.token_stream_for_doc(text);
        while stream.advance() {
            out.values().append_value(&stream.token().text);
        }
        out.append(true);
    }
    Ok(out.finish())
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn tlb_tokenize(
    params: TlbStr,
    input: *mut FFI_ArrowArray,
    input_schema: *mut FFI_ArrowSchema,
    out: *mut FFI_ArrowArray,
    out_schema: *mut FFI_ArrowSchema,
    err: *mut *mut BridgeError,
) -> i32 {
    guard(err, || unsafe {
        let array = import(input, input_schema);
        let text = params.text("the tokenizer's parameters")?;
        let params: InvertedIndexParams = serde_json::from_str(if text.is_empty() { "{}" } else { text })
            .map_err(|e| BridgeError::invalid(format!("the tokenizer's parameters: {e}")))?;
        let (array, schema) = to_ffi(&tokens(&params, array?.as_ref())?.to_data())?;
        write_to(out_schema, schema)?;
        write_to(out, array)
    })
}
