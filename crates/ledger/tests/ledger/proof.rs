//! A proof file is enough for a stranger with the keys.

use entente_ledger::proof::ProofFault;
use entente_ledger::tree::tree_of;
use entente_ledger::{Entry, Proof, SignedHead};

use crate::party::{Party, at, entries};

fn cosigned_head(log: &[Entry]) -> SignedHead {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let head = aurelia.head_over(log, &borealis, at(5));
    let note = head.note_with(&borealis.cosign(head.head(), &aurelia, at(9)));
    SignedHead::verify(&note, &aurelia.keys_for(&borealis)).unwrap()
}

#[test]
fn a_proof_is_read_from_its_file_and_says_who_saw_the_entry_when() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let keys = aurelia.keys_for(&borealis);
    let partner = borealis.keys_for(&aurelia).ml_dsa_44().clone();
    for size in [1, 2, 3, 255, 256, 257] {
        let log = entries(size);
        let head = cosigned_head(&log);
        for index in [0, size / 2, size - 1] {
            let proof = Proof::make(index, &mut tree_of(&log), &head).unwrap();
            let read: Proof = proof.to_string().parse().unwrap();
            assert_eq!(read, proof);
            let proven = read
                .verify(&log[index as usize], &keys, std::slice::from_ref(&partner))
                .unwrap();
            assert_eq!((proven.index(), proven.head().size()), (index, size));
            assert_eq!(proven.cosigned_by(&partner), Some(at(9)));
        }
    }
}

#[test]
fn a_proof_of_one_entry_proves_no_other() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let log = entries(10);
    let proof = Proof::make(3, &mut tree_of(&log), &cosigned_head(&log)).unwrap();
    let keys = aurelia.keys_for(&borealis);
    assert_eq!(
        proof.verify(&log[4], &keys, &[]),
        Err(ProofFault::Path { index: 3 })
    );
    assert!(matches!(
        proof.verify(&log[3], &borealis.keys_for(&aurelia), &[]),
        Err(ProofFault::Head(_))
    ));
}

#[test]
fn an_absent_cosigner_is_no_fault() {
    let (aurelia, borealis) = (Party::aurelia(), Party::borealis());
    let log = entries(10);
    let head = aurelia.head_over(&log, &borealis, at(5));
    let proof = Proof::make(3, &mut tree_of(&log), &head).unwrap();
    let partner = borealis.keys_for(&aurelia).ml_dsa_44().clone();
    let proven = proof
        .verify(
            &log[3],
            &aurelia.keys_for(&borealis),
            std::slice::from_ref(&partner),
        )
        .unwrap();
    assert_eq!(proven.cosigned_by(&partner), None);
}

#[test]
fn extra_data_are_carried_and_not_believed() {
    let log = entries(2);
    let proof = Proof::make(0, &mut tree_of(&log), &cosigned_head(&log)).unwrap();
    let text = proof
        .to_string()
        .replace("index 0", "extra aGVsbG8=\nindex 0");
    let read: Proof = text.parse().unwrap();
    assert_eq!(read.to_string(), text);
}
