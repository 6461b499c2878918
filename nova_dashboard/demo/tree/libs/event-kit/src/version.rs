//! Which events a reader takes.

pub const CURRENT: u32 = 2;

/// May a service built for `ours` read an event of version `theirs`?
pub fn is_compatible(ours: u32, theirs: u32) -> bool {
    ours == theirs
}

/// Whether two envelopes carry the same event.
pub fn is_same(left: uuid::Uuid, right: uuid::Uuid) -> bool {
    left == right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_takes_its_own_version() {
        assert!(is_compatible(CURRENT, CURRENT));
    }
}
