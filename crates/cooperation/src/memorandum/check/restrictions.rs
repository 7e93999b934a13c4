//! Restrictions and their values (Annex 7): each value has its place in the slot, and each binding reads a value of its type.

use super::{Annexes, annexes::called};
use crate::memorandum::{Binding, Fault, Memorandum, sheet::Node};

/// The slot in which the values stand.
const VALUES: &str = "restriction_values";

/// The faults of all restrictions whose value has no place or binds nothing, and of places that no restriction needs.
pub(super) fn check(memorandum: &Memorandum, annexes: &Annexes) -> Vec<Fault> {
    let mut faults = Vec::new();
    let slot = memorandum.slots.get(VALUES);
    let held = |id: &str| slot.and_then(|slot| slot.holds.get(id)).map(String::as_str);
    for row in annexes.rows("restriction") {
        let whose = called("restriction", row);
        let Some(restriction) = row
            .get("id")
            .and_then(Node::text)
            .and_then(|id| memorandum.restrictions.get(id))
        else {
            continue;
        };
        let value = restriction.value.as_deref();
        if value != held(&restriction.id) {
            let what = format!(
                "{whose}: its value is {}, and `{VALUES}` holds {}",
                value.unwrap_or("none"),
                held(&restriction.id).unwrap_or("none")
            );
            faults.push(row.get("value").unwrap_or(row).fault(what));
        }
        let wanted = restriction.binds.map(Binding::reads);
        if wanted.is_some() && wanted != value {
            let what = format!(
                "{whose}: it binds by a value of type {}",
                wanted.unwrap_or_default()
            );
            faults.push(row.get("binds").unwrap_or(row).fault(what));
        }
    }
    let places = slot.into_iter().flat_map(|slot| slot.holds.keys());
    for id in places.filter(|id| !memorandum.restrictions.has(id)) {
        faults.push(annexes.fault("slot", VALUES, "holds", format!("no restriction “{id}”")));
    }
    faults
}
