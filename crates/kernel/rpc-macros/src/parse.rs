use crate::model::{Argument, Method, Mode, Service};
use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Error, Expr, FnArg, GenericArgument, Ident, ItemTrait, Lit, LitStr, Pat, PathArguments,
    Result, ReturnType, TraitItem, TraitItemFn, Type, parse::Parser, spanned::Spanned,
};

/// What the client offers beside the contract's methods: no method may take these names.
const RESERVED: [&str; 10] = [
    "unbound",
    "bind_local",
    "bind_remote",
    "bind_split",
    "serve",
    "unbind",
    "is_bound",
    "contract",
    "group",
    "clone",
];

pub(crate) fn service(arguments: TokenStream, item: TokenStream) -> Result<Service> {
    let (name, shared) = contract_name(arguments)?;
    let item: ItemTrait = syn::parse2(item)?;
    if !item.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &item.generics,
            "a contract has no type parameters: write plain types",
        ));
    }
    if !item.supertraits.is_empty() {
        return Err(Error::new_spanned(
            &item.supertraits,
            "a contract has no supertraits: `Send + Sync + 'static` is added by rpc::service",
        ));
    }
    let methods = all(item.items.iter().map(method))?;
    Ok(Service {
        name,
        shared,
        visibility: item.vis,
        ident: item.ident,
        attributes: item.attrs,
        methods,
    })
}

/// All results, or all errors together, so that one compile shows every complaint.
fn all<T>(results: impl Iterator<Item = Result<T>>) -> Result<Vec<T>> {
    let mut good = Vec::new();
    let mut errors: Option<Error> = None;
    for result in results {
        match (result, &mut errors) {
            (Ok(value), _) => good.push(value),
            (Err(error), Some(errors)) => errors.combine(error),
            (Err(error), None) => errors = Some(error),
        }
    }
    errors.map_or(Ok(good), Err)
}

fn contract_name(arguments: TokenStream) -> Result<(String, bool)> {
    let hint = "say the name of the contract: #[rpc::service(name = \"group.contract\")]";
    let span = arguments.span();
    let mut name = None;
    let mut shared = false;
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("shared") {
            shared = true;
            return Ok(());
        }
        if !meta.path.is_ident("name") {
            return Err(meta.error(hint));
        }
        name = Some(meta.value()?.parse::<LitStr>()?);
        Ok(())
    });
    parser.parse2(arguments)?;
    let name = name.ok_or_else(|| Error::new(span, hint))?;
    let value = name.value();
    let segment = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    };
    if !value.split('.').all(segment) {
        return Err(Error::new(
            name.span(),
            "the name of a contract is lower case words with dots between them, as in \"advisory.clients\"",
        ));
    }
    Ok((value, shared))
}

fn method(item: &TraitItem) -> Result<Method> {
    let TraitItem::Fn(item) = item else {
        return Err(Error::new_spanned(item, "a contract holds only methods"));
    };
    let (mode, attributes) = mode_and_attributes(item)?;
    check_signature(item)?;
    let mut inputs = item.sig.inputs.iter();
    check_receiver(item, inputs.next())?;
    let context = context(item, inputs.next())?;
    let mut arguments = all(inputs.map(argument))?;
    let key = key(item, mode, &mut arguments)?;
    let (answer, error) = answer(item)?;
    let item_kind = stream_item(mode, &answer, &error)?;
    Ok(Method {
        ident: item.sig.ident.clone(),
        summary: summary(&attributes),
        attributes,
        mode,
        context,
        key,
        arguments,
        answer,
        item: item_kind,
        error,
    })
}

fn mode_and_attributes(item: &TraitItemFn) -> Result<(Mode, Vec<Attribute>)> {
    let hint = "say what calling this means: #[rpc(read)], #[rpc(idempotent)] or #[rpc(effect)]";
    let (modes, rest): (Vec<_>, Vec<_>) = item.attrs.iter().cloned().partition(|a| a.path().is_ident("rpc"));
    let [attribute] = modes.as_slice() else {
        return Err(Error::new_spanned(&item.sig.ident, hint));
    };
    let word: Ident = attribute
        .parse_args()
        .map_err(|error| Error::new(error.span(), hint))?;
    let mode = match word.to_string().as_str() {
        "read" => Mode::Read,
        "idempotent" => Mode::Idempotent,
        "effect" => Mode::Effect,
        _ => return Err(Error::new_spanned(word, hint)),
    };
    Ok((mode, rest))
}

fn check_signature(item: &TraitItemFn) -> Result<()> {
    let signature = &item.sig;
    if signature.asyncness.is_none() {
        return Err(Error::new_spanned(
            signature.fn_token,
            "a contract's methods are async: write `async fn`",
        ));
    }
    if !signature.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &signature.generics,
            "a contract's methods have no type parameters: write plain types",
        ));
    }
    if let Some(body) = &item.default {
        return Err(Error::new_spanned(
            body,
            "a contract only promises: put the body into the implementation",
        ));
    }
    if RESERVED.iter().any(|name| signature.ident == name) {
        return Err(Error::new_spanned(
            &signature.ident,
            "the client already has a method of this name: choose another",
        ));
    }
    Ok(())
}

fn check_receiver(item: &TraitItemFn, input: Option<&FnArg>) -> Result<()> {
    match input {
        Some(FnArg::Receiver(receiver))
            if receiver.reference.is_some()
                && receiver.mutability.is_none()
                && receiver.colon_token.is_none() =>
        {
            Ok(())
        }
        other => Err(Error::new(
            other.map_or(item.sig.ident.span(), Spanned::span),
            "a contract's methods begin with `&self`",
        )),
    }
}

fn context(item: &TraitItemFn, input: Option<&FnArg>) -> Result<Argument> {
    let complaint = || {
        Error::new(
            input.map_or(item.sig.ident.span(), Spanned::span),
            "after `&self` comes `cx: &CallContext`: who asks, until when, as part of what",
        )
    };
    let Some(FnArg::Typed(input)) = input else {
        return Err(complaint());
    };
    let (Pat::Ident(name), Type::Reference(reference)) = (&*input.pat, &*input.ty) else {
        return Err(complaint());
    };
    if reference.mutability.is_some() || !is_named(&reference.elem, "CallContext") {
        return Err(complaint());
    }
    Ok(Argument {
        ident: name.ident.clone(),
        kind: (*input.ty).clone(),
    })
}

fn argument(input: &FnArg) -> Result<Argument> {
    let FnArg::Typed(input) = input else {
        return Err(Error::new_spanned(input, "`self` comes first"));
    };
    let Pat::Ident(name) = &*input.pat else {
        return Err(Error::new_spanned(
            &input.pat,
            "give the argument a plain name: it is its name on the wire",
        ));
    };
    if borrows(input.ty.to_token_stream()) {
        return Err(Error::new_spanned(
            &input.ty,
            "arguments are owned, so that an effect can outlive its caller and a call can cross the wire: \
             write `String` for `&str`, `Vec<T>` for `&[T]`, `T` for `&T`",
        ));
    }
    if matches!(&*input.ty, Type::ImplTrait(_)) {
        return Err(Error::new_spanned(
            &input.ty,
            "name the type: `impl Trait` cannot cross the wire",
        ));
    }
    Ok(Argument {
        ident: name.ident.clone(),
        kind: (*input.ty).clone(),
    })
}

fn borrows(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Group(group) => borrows(group.stream()),
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// Takes the key out of the arguments: an effect has one, as its first; nothing else has any.
fn key(item: &TraitItemFn, mode: Mode, arguments: &mut Vec<Argument>) -> Result<Option<Argument>> {
    let is_key = |argument: &Argument| is_named(&argument.kind, "IdempotencyKey");
    if mode == Mode::Effect {
        if arguments
            .first()
            .is_some_and(|first| is_key(first) && first.ident == "key")
        {
            return Ok(Some(arguments.remove(0)));
        }
        return Err(Error::new_spanned(
            &item.sig.ident,
            "an effect carries an idempotency key, so that asking again does nothing twice: \
             write `key: IdempotencyKey` after `cx`, or declare the method #[rpc(read)] or #[rpc(idempotent)]",
        ));
    }
    match arguments.iter().find(|argument| is_key(argument)) {
        None => Ok(None),
        Some(key) => Err(Error::new_spanned(
            &key.ident,
            "only an effect takes a key: declare the method #[rpc(effect)] or leave the key out",
        )),
    }
}

fn answer(item: &TraitItemFn) -> Result<(Type, Type)> {
    let complaint = || {
        Error::new(
            match &item.sig.output {
                ReturnType::Default => item.sig.ident.span(),
                ReturnType::Type(_, kind) => kind.span(),
            },
            "every call can fail: answer with `Result<T, E>` and name both types",
        )
    };
    let ReturnType::Type(_, kind) = &item.sig.output else {
        return Err(complaint());
    };
    if !is_named(kind, "Result") {
        return Err(complaint());
    }
    let types = type_arguments(kind);
    let [answer, error] = types.as_slice() else {
        return Err(complaint());
    };
    if let Some(borrowed) = types.iter().find(|kind| borrows(kind.to_token_stream())) {
        return Err(Error::new_spanned(
            borrowed,
            "answers are owned: they may come from another process",
        ));
    }
    Ok(((*answer).clone(), (*error).clone()))
}

/// What a stream is a stream of; none when the answer is no stream.
fn stream_item(mode: Mode, answer: &Type, error: &Type) -> Result<Option<Type>> {
    if !is_named(answer, "ItemStream") {
        return Ok(None);
    }
    if mode != Mode::Read {
        return Err(Error::new_spanned(
            answer,
            "a stream is a read of something that stays, so that it can be opened again where it broke: \
             start the work with an #[rpc(effect)] and watch it with an #[rpc(read)]",
        ));
    }
    match type_arguments(answer).as_slice() {
        [item, failure] if failure.to_token_stream().to_string() == error.to_token_stream().to_string() => {
            Ok(Some((*item).clone()))
        }
        _ => Err(Error::new_spanned(
            answer,
            "a stream fails as its opening does: write `Result<ItemStream<T, E>, E>` with the same `E`",
        )),
    }
}

/// The types between the angle brackets.
fn type_arguments(kind: &Type) -> Vec<&Type> {
    let Type::Path(path) = kind else {
        return Vec::new();
    };
    match path.path.segments.last().map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(generics)) => generics
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(kind) => Some(kind),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn is_named(kind: &Type, name: &str) -> bool {
    match kind {
        Type::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|segment| segment.ident == name),
        _ => false,
    }
}

/// The first line of the documentation.
fn summary(attributes: &[Attribute]) -> String {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("doc"))
        .find_map(
            |attribute| match &attribute.meta.require_name_value().ok()?.value {
                Expr::Lit(literal) => match &literal.lit {
                    Lit::Str(text) => Some(text.value().trim().to_owned()),
                    _ => None,
                },
                _ => None,
            },
        )
        .unwrap_or_default()
}
