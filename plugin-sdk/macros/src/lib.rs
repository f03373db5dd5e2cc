//! The attributes of the SDK. They leave what they stand on as it is and export it.

use proc_macro::{TokenStream, TokenTree};

/// Makes the type that it stands on the health score of this plugin. The type implements
/// `HealthScore`.
#[proc_macro_attribute]
pub fn health_score(arguments: TokenStream, item: TokenStream) -> TokenStream {
    exported("health_score", arguments, item)
}

/// Makes the type that it stands on the type of tasks of this plugin. The type implements
/// `TaskType`.
#[proc_macro_attribute]
pub fn task_type(arguments: TokenStream, item: TokenStream) -> TokenStream {
    exported("task_type", arguments, item)
}

fn exported(attribute: &str, arguments: TokenStream, item: TokenStream) -> TokenStream {
    let fault = |told: &str| format!("::core::compile_error!({told:?});");
    let end = match (arguments.is_empty(), name(&item)) {
        (false, _) => fault("this attribute takes no arguments"),
        (_, None) => fault("this attribute stands on a struct or an enum without parameters"),
        (_, Some(name)) => format!(
            "const _: () = {{
                type Plugin = {name};
                ::jornada_plugin_sdk::__export_{attribute}!(Plugin);
            }};"
        ),
    };
    let end: TokenStream = end.parse().unwrap_or_default();
    TokenStream::from_iter([item, end])
}

/// The name of the struct or enum, if it has no parameters.
fn name(item: &TokenStream) -> Option<String> {
    let mut tokens = item.clone().into_iter();
    tokens.find(|token| match token {
        TokenTree::Ident(word) => ["struct", "enum"].contains(&word.to_string().as_str()),
        _ => false,
    })?;
    let name = tokens.next()?.to_string();
    match tokens.next() {
        Some(TokenTree::Punct(sign)) if sign.as_char() == '<' => None,
        _ => Some(name),
    }
}
