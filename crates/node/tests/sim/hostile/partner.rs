//! The partner that is played: it has the keys of its Party and says with them whatever a test wants.

use std::sync::Arc;

use entente_cooperation::{
    act::Act,
    body::{Body, Envelope},
    clock::time_zone_data_version,
    digest::{ActId, Digest, MessageId},
    draft::Signing,
    receipt::{ActRecord, Outcome, ReceiptRecord},
};
use entente_ledger::{
    Entry, Frontier, Head, LogKeys, Opening, Origin, Salt, SignedHead, cosignature,
};
use entente_node::{
    agreement::Agreement,
    keys::{Keys, id},
    link::Link,
    node::Node,
    peer::{
        parcel::{CarriedAct, CarriedReceipt, Parcel, VERSION},
        problem::Problem,
    },
};
use entente_seal::{Recipient, SigningKey, seal};
use entente_store::InboxLine;
use jiff::Timestamp;

use crate::{
    acts::{self, Ends},
    world::{World, shipped, start},
};

/// The Party that is played, and the node that it faces.
pub(crate) struct Partner {
    world: World,
    pub(crate) agreement: Arc<Agreement>,
    pub(crate) keys: Keys,
    log_keys: LogKeys,
    pub(crate) recipient: Recipient,
    pub(crate) party: &'static str,
    faced: &'static str,
    pub(crate) log: Vec<Entry>,
    drawn: u8,
}

impl Partner {
    /// The first Party, played; the second runs its node.
    pub(crate) fn new(seed: u64) -> Self {
        Self::in_world(World::strangers(&shipped(), seed, [None, None]))
    }

    /// The first Party of a world, played.
    pub(crate) fn in_world(mut world: World) -> Self {
        world.sides[0].crash();
        let agreement = shipped();
        let (own, faced) = (&world.sides[0], &world.sides[1]);
        let partner = id(faced.party).unwrap();
        Self {
            agreement,
            keys: own.keys(),
            log_keys: own.introduction().log_keys(&partner),
            recipient: faced.introduction().seal().parse().unwrap(),
            party: own.party,
            faced: faced.party,
            log: Vec::new(),
            drawn: 0,
            world,
        }
    }

    /// The node that it faces.
    pub(crate) fn node(&self) -> &Arc<Node> {
        self.world.node(1)
    }

    /// That node's link with us.
    pub(crate) fn link(&self) -> Arc<Link> {
        self.world.sides[1].link()
    }

    /// What that node has receipted, oldest first.
    pub(crate) fn inbox(&self) -> Vec<InboxLine> {
        let mut lines = self.node().store.inbox(self.link().id, None, 1000).unwrap();
        lines.reverse();
        lines
    }

    /// The newest line of that node's journal of this kind, if there is one.
    pub(crate) fn noted(&self, kind: &str) -> Option<String> {
        let lines = self.node().store.journal_page(None, 1000).unwrap();
        let (_, line) = lines.into_iter().find(|(_, line)| line.kind == kind)?;
        line.opening.map(|(_, record)| record)
    }

    /// An act of ours from a draft, signed and named as our node would.
    pub(crate) fn act(&self, draft: &str, reference: &str) -> Act {
        let memorandum = &self.agreement.memorandum;
        let signing = Signing {
            author: "signed:officer_1",
            reference,
            version: &memorandum.head.version,
        };
        let draft = self.world.draft(draft);
        draft.signed(memorandum, &signing).into_act()
    }

    /// A request that nothing is wrong with.
    pub(crate) fn request(&self, case: &str) -> Act {
        self.act(&acts::request(Ends::of(0), case), &format!("{case}/1"))
    }

    /// The envelope of an act that leaves now.
    pub(crate) fn envelope(&mut self) -> Envelope {
        self.drawn += 1;
        Envelope {
            act_id: ActId::from_bytes([self.drawn; 16]),
            link: self.agreement.memorandum.head.id.clone(),
            from_party: self.party.to_owned(),
            to_party: self.faced.to_owned(),
            released_at: start(),
            memorandum: self.agreement.digest,
            supersedes: None,
        }
    }

    /// The plaintext of an act, which nobody judged.
    pub(crate) fn body(&mut self, act: &Act) -> Vec<u8> {
        let envelope = self.envelope();
        let memorandum = &self.agreement.memorandum;
        let body = Body::new(memorandum, envelope, act, vec![]).unwrap();
        body.write().unwrap()
    }

    /// The plaintext of an act in which one text stands in the place of another, padded anew.
    pub(crate) fn altered(&mut self, act: &Act, from: &str, to: &str) -> Vec<u8> {
        let body = String::from_utf8(self.body(act)).unwrap();
        let text = body.trim_end();
        assert!(text.contains(from), "`{from}` is not in {text}");
        padded(text.replacen(from, to, 1))
    }

    /// A plaintext sealed for the node, entered into our log, ready to be carried.
    pub(crate) fn carry(&mut self, plaintext: &[u8]) -> CarriedAct {
        let sealed = seal(&self.recipient, plaintext).bytes;
        self.carry_sealed(sealed)
    }

    /// Bytes that claim to be sealed, entered into our log, ready to be carried.
    pub(crate) fn carry_sealed(&mut self, sealed: Vec<u8>) -> CarriedAct {
        let record = ActRecord {
            link: self.agreement.memorandum.head.id.clone(),
            message: MessageId::of(&sealed),
            released_at: start(),
            memorandum: self.agreement.digest,
        };
        let (index, opening) = self.enter(record.write());
        CarriedAct {
            index,
            salt: *opening.salt(),
            record: opening.record().to_owned(),
            sealed,
        }
    }

    /// An act, sealed and entered.
    pub(crate) fn send(&mut self, act: &Act) -> CarriedAct {
        let body = self.body(act);
        self.carry(&body)
    }

    /// A record in our log: its position and its opening.
    pub(crate) fn enter(&mut self, record: String) -> (u64, Opening) {
        self.drawn += 1;
        let opening = Opening::new(Salt::new([self.drawn; 32]), record);
        self.log.push(opening.entry());
        (self.log.len() as u64 - 1, opening)
    }

    /// A head of our log as it was with `size` entries, signed by `log`.
    pub(crate) fn head_by(&self, log: &SigningKey, entries: &[Entry]) -> SignedHead {
        let (own, partner) = (id(self.party).unwrap(), id(self.faced).unwrap());
        let memorandum = id(&self.agreement.memorandum.head.id).unwrap();
        let mut frontier = Frontier::new();
        frontier.extend(entries);
        let head = Head::of(&Origin::new(&memorandum, &own, &partner), &frontier);
        let at = start();
        let ed25519 = log.sign_ed25519(head.text().as_bytes());
        let message = cosignature::message(self.log_keys.ml_dsa_44(), at, &head);
        let ml_dsa_44 = log.sign_mldsa44(&message);
        head.signed(&self.log_keys, at, &ed25519, &ml_dsa_44[..])
    }

    /// A parcel with our log from `base` on and these acts.
    pub(crate) fn parcel(&self, base: usize, acts: Vec<CarriedAct>) -> Parcel {
        let head = self.head_by(self.keys.log(), &self.log);
        Parcel {
            v: VERSION,
            link: self.agreement.memorandum.head.id.clone(),
            from: self.party.to_owned(),
            demo: true,
            memorandum: self.agreement.digest.to_string(),
            mirrored: 0,
            base: base as u64,
            entries: self.log[base..].to_vec(),
            head: (!self.log.is_empty()).then(|| head.note().to_owned()),
            cosignature: None,
            cosigned: 0,
            acts,
            receipts: vec![],
            takings: vec![],
            notices: vec![],
            objections: vec![],
            poll: false,
        }
    }

    /// Hands a parcel over, written and read as it travels.
    pub(crate) fn hand(&self, parcel: &Parcel) -> Result<Parcel, Problem> {
        let read = Parcel::read(&parcel.write()).unwrap();
        let answer = self.node().receive(self.party, &read);
        answer.map_err(|fault| fault.told())
    }

    /// Hands one act over with our whole log; what its receipt says.
    pub(crate) fn receipt_of(&self, act: CarriedAct) -> ReceiptRecord {
        let answer = self.hand(&self.parcel(0, vec![act])).unwrap();
        assert_eq!(answer.receipts.len(), 1);
        ReceiptRecord::read(&answer.receipts[0].record).unwrap()
    }

    /// What became of an act that is sent.
    pub(crate) fn outcome_of(&mut self, act: &Act) -> ReceiptRecord {
        let carried = self.send(act);
        self.receipt_of(carried)
    }

    /// What became of a plaintext that is sent.
    pub(crate) fn outcome_of_body(&mut self, plaintext: &[u8]) -> ReceiptRecord {
        let carried = self.carry(plaintext);
        self.receipt_of(carried)
    }

    /// A receipt of ours for an act of the node, as an honest partner gives it: filed, no clocks.
    pub(crate) fn receipt(&self, act: &CarriedAct, received_at: Timestamp) -> ReceiptRecord {
        let sent = ActRecord::read(&act.record).unwrap();
        let digest: Digest = self.agreement.digest;
        ReceiptRecord {
            link: sent.link,
            message: sent.message,
            entry: act.opening().entry(),
            index: act.index,
            act: Some(self.act_id_of(act)),
            outcome: Outcome::Filed,
            ground: None,
            articles: vec![],
            received_at,
            memorandum_released: sent.memorandum,
            memorandum_judged: digest,
            time_zone_data: time_zone_data_version().to_owned(),
            clocks: vec![],
        }
    }

    fn act_id_of(&self, act: &CarriedAct) -> ActId {
        let message = MessageId::of(&act.sealed);
        let link = self.link();
        let line = self.node().store.outbox_of(link.id, message.as_bytes());
        line.unwrap().unwrap().act_id.parse().unwrap()
    }

    /// A receipt in our log, ready to be carried.
    pub(crate) fn carry_receipt(&mut self, record: &ReceiptRecord) -> CarriedReceipt {
        let (index, opening) = self.enter(record.write());
        CarriedReceipt::at(index, &opening)
    }
}

/// A text padded to the smallest class that holds it.
pub(crate) fn padded(text: String) -> Vec<u8> {
    let mut size = 1024;
    while size < text.len() {
        size *= 2;
    }
    let mut bytes = text.into_bytes();
    bytes.resize(size, b' ');
    bytes
}
