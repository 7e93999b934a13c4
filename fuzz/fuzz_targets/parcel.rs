//! What a partner says: parcels, answers, problems. What is read can be written, and is read the same.
#![no_main]

use entente_node::peer::{
    client::{Mirrored, Returned},
    parcel::Parcel,
    problem::Problem,
};

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(parcel) = Parcel::read(bytes) {
        assert_eq!(Parcel::read(&parcel.write()), Ok(parcel));
    }
    if let Ok(problem) = Problem::read(bytes) {
        assert_eq!(Problem::read(&problem.write()), Ok(problem));
    }
    let _ = (Mirrored::read(bytes), Returned::read(bytes));
});
