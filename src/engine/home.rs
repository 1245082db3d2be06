//! What all handles of a database share, and which process it belongs to.
//!
//! A child of a fork has a copy of the parent's memory as one thread has left it: locks may be held by threads that are not
//! there, tables half changed by them. Nothing of it is used there. Every door asks first ([`Home::own`]), and a handle that
//! is dropped frees nothing: the child's copy stays as it is until the child ends or runs another program.
use super::Core;
use crate::base::error::{Error, Result};
use std::{ops::Deref, sync::Arc};

/// A share in a database.
#[derive(Clone)]
pub struct Home(Arc<Core>);

impl Home {
    pub(super) fn new(core: Arc<Core>) -> Self {
        Self(core)
    }

    /// The share, for those who hold it for a moment.
    pub(crate) fn shared(&self) -> &Arc<Core> {
        &self.0
    }

    /// Fails in a child of a fork: see the module.
    #[inline]
    pub(crate) fn own(&self) -> Result<()> {
        if self.0.is_forked() { Err(Error::forked()) } else { Ok(()) }
    }
}

impl Deref for Home {
    type Target = Core;
    #[inline]
    fn deref(&self) -> &Core {
        &self.0
    }
}

impl Drop for Home {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_forked() {
            // The last share would take the whole database apart.
            std::mem::forget(Arc::clone(&self.0));
        }
    }
}
