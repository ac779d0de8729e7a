use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, Type, Visibility};

/// A contract as it was written: the one thing that every generator reads.
pub(crate) struct Service {
    pub(crate) name: String,
    /// Whether every group offers it: then its name begins with the group's.
    pub(crate) shared: bool,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) methods: Vec<Method>,
}

pub(crate) struct Method {
    pub(crate) ident: Ident,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) summary: String,
    pub(crate) mode: Mode,
    pub(crate) context: Argument,
    pub(crate) key: Option<Argument>,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) answer: Type,
    /// What the answer is a stream of, if it is one.
    pub(crate) item: Option<Type>,
    pub(crate) error: Type,
}

pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) kind: Type,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Read,
    Idempotent,
    Effect,
}

impl Method {
    /// The context, the key and the arguments as they were written: `cx: &CallContext, …`.
    pub(crate) fn parameters(&self) -> TokenStream {
        let all = std::iter::once(&self.context).chain(self.inputs());
        let (names, kinds): (Vec<_>, Vec<_>) = all.map(|one| (&one.ident, &one.kind)).unzip();
        quote!(#(#names: #kinds),*)
    }

    /// What crosses the wire as the answer: the answer itself, or each item of a stream.
    pub(crate) fn sent(&self) -> &Type {
        self.item.as_ref().unwrap_or(&self.answer)
    }

    /// The key, if the method has one, and the arguments, in the order in which they were written.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Argument> {
        self.key.iter().chain(&self.arguments)
    }
}
