//! The Redis types as values. The only layer that knows encodings; it knows no keys.
pub mod codec;
pub mod dict;
pub mod hash;
pub mod list;
pub mod rdb;
pub mod set;
pub mod stream;
pub mod zset;

pub use hash::Hash;
pub use list::List;
pub use set::Set;
use std::sync::Arc;
pub use stream::Stream;
pub use zset::ZSet;

/// What every collection can say of itself, in O(1).
pub trait Collection: Clone + Send + Sync {
    /// The number of elements.
    fn len(&self) -> usize;
    /// Tells whether the collection is empty: an empty one does not exist in Redis, but for streams, which never are.
    fn is_empty(&self) -> bool;
    /// The bytes it takes on the heap, itself not counted.
    fn mem_bytes(&self) -> usize;
    /// The name `OBJECT ENCODING` answers.
    fn encoding(&self) -> &'static str;
    /// Frees a bounded part of a value nobody will read again. False: nothing is left.
    fn free_step(&mut self) -> bool;
}

/// The types, by the names `TYPE` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Type {
    String,
    List,
    Set,
    ZSet,
    Hash,
    Stream,
}

impl Type {
    /// The name `TYPE` answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::ZSet => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
        }
    }
}

macro_rules! values {
    ($($type:ident),*) => {
        /// A value that is more than a short string or an integer: those are part of their key's allocation.
        #[derive(Clone)]
        pub enum Value {
            /// A long string. Shared, so that it is read and cloned without a copy.
            Text(Arc<Vec<u8>>),
            $($type($type)),*
        }

        impl Value {
            /// The type of the value.
            pub fn kind(&self) -> Type {
                match self { Self::Text(_) => Type::String, $(Self::$type(_) => Type::$type),* }
            }

            /// The bytes it takes on the heap.
            pub fn mem_bytes(&self) -> usize {
                match self {
                    Self::Text(text) => size_of::<[usize; 5]>() + text.capacity(),
                    $(Self::$type(value) => value.mem_bytes()),*
                }
            }

            /// Tells whether it is a collection without elements.
            pub fn is_empty(&self) -> bool {
                match self { Self::Text(_) => false, $(Self::$type(value) => value.is_empty()),* }
            }

            /// The name `OBJECT ENCODING` answers.
            pub fn encoding(&self) -> &'static str {
                match self { Self::Text(_) => "raw", $(Self::$type(value) => value.encoding()),* }
            }

            /// Frees a bounded part of a value nobody will read again. False: nothing is left.
            pub fn free_step(&mut self) -> bool {
                match self { Self::Text(_) => false, $(Self::$type(value) => value.free_step()),* }
            }
        }

        $(
            impl Collection for $type {
                fn len(&self) -> usize {
                    self.len()
                }
                fn is_empty(&self) -> bool {
                    self.is_empty()
                }
                fn mem_bytes(&self) -> usize {
                    self.mem_bytes()
                }
                fn encoding(&self) -> &'static str {
                    self.encoding()
                }
                fn free_step(&mut self) -> bool {
                    self.free_step()
                }
            }
            impl From<$type> for Value {
                fn from(value: $type) -> Self {
                    Self::$type(value)
                }
            }
            impl Typed for $type {
                const KIND: Type = Type::$type;
                fn of(value: &Value) -> Option<&Self> {
                    match value { Value::$type(value) => Some(value), _ => None }
                }
                fn of_mut(value: &mut Value) -> Option<&mut Self> {
                    match value { Value::$type(value) => Some(value), _ => None }
                }
            }
        )*
    };
}

/// A collection as a variant of [`Value`].
pub trait Typed: Collection + Into<Value> {
    const KIND: Type;
    fn of(value: &Value) -> Option<&Self>;
    fn of_mut(value: &mut Value) -> Option<&mut Self>;
}

values!(Hash, List, Set, Stream, ZSet);
