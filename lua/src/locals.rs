//! What natives keep between two calls: one value of each type for every state.
use std::{
    any::{Any, TypeId},
    cell::RefCell,
    ptr::NonNull,
};

/// The values. Invariant: each pointer came from a box, and is given back to one when the whole is dropped, not before.
#[derive(Default)]
pub struct Locals {
    values: RefCell<Vec<(TypeId, NonNull<dyn Any + Send>)>>,
}

impl Locals {
    /// The value of this type, made on the first call.
    pub fn of<T: Default + Send + 'static>(&self) -> &RefCell<T> {
        let id = TypeId::of::<T>();
        let known = self.values.borrow().iter().find(|(known, _)| *known == id).map(|(_, value)| *value);
        let value = known.unwrap_or_else(|| {
            let made: Box<RefCell<T>> = Box::default();
            let made: NonNull<dyn Any + Send> = NonNull::from(Box::leak(made));
            self.values.borrow_mut().push((id, made));
            made
        });
        // SAFETY: the invariant; only shared references are ever made of it while `self` lives, whose type is the id's.
        unsafe { value.cast().as_ref() }
    }
}

impl Drop for Locals {
    fn drop(&mut self) {
        for (_, value) in self.values.get_mut().drain(..) {
            // SAFETY: the invariant; nobody has a reference any more, since they borrow from `self`.
            drop(unsafe { Box::from_raw(value.as_ptr()) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_one_value() {
        let locals = Locals::default();
        let first = locals.of::<u32>();
        *first.borrow_mut() = 7;
        assert_eq!(*locals.of::<u64>().borrow(), 0);
        assert_eq!(*locals.of::<u32>().borrow(), 7);
        assert_eq!(*first.borrow(), 7);
    }
}
