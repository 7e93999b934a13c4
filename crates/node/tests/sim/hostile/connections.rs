//! How it connects: with another key, a thousand times, slowly, with too much; and that what protects people still passes.

use std::{future::Future, sync::Arc, time::Duration};

use entente_cooperation::receipt::{Outcome, ReceiptRecord};
use entente_node::peer::{
    budget::{Lane, Limits},
    client::{CallFault, Caller},
    parcel::Parcel,
    problem::Problem,
    server, tls,
};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_rustls::{TlsConnector, client::TlsStream};

use super::partner::Partner;
use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

const CASE: &str = "BE-2026-000417";

/// The node listens within these limits while the partner does what it wants.
pub(super) fn faced<F: Future<Output = ()>>(
    seed: u64,
    limits: Limits,
    acts: impl FnOnce(Partner, String) -> F,
) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let known = [None, Some(address.parse().unwrap())];
        let partner = Partner::in_world(World::strangers(&shipped(), seed, known));
        let (stop, stopped) = watch::channel(false);
        let node = Arc::clone(partner.node());
        let hears = tokio::spawn(server::serve(node, listener, limits, stopped));
        acts(partner, address).await;
        stop.send(true).unwrap();
        hears.await.unwrap().unwrap();
    });
}

fn caller(partner: &Partner, address: &str) -> Caller {
    let pin = partner.node().transport().pin();
    let config = tls::client(partner.keys.transport(), pin).unwrap();
    Caller::new(Some(address.to_owned()), config)
}

/// A connection with the partner's key, on which it can say anything.
pub(super) async fn secured(partner: &Partner, address: &str) -> TlsStream<TcpStream> {
    let pin = partner.node().transport().pin();
    let config = tls::client(partner.keys.transport(), pin).unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("entente.invalid").unwrap();
    connector.connect(name, stream).await.unwrap()
}

fn outcomes(answer: &Parcel) -> Vec<Outcome> {
    let records = answer.receipts.iter();
    records
        .map(|carried| ReceiptRecord::read(&carried.record).unwrap().outcome)
        .collect()
}

/// The node answers its partner on a new connection.
pub(super) async fn still_there(partner: &Partner, address: &str) {
    let memorandum = partner.node().memorandum().to_owned();
    let mirrored = caller(partner, address).mirrored(&memorandum).await;
    assert_eq!(mirrored.unwrap().link, memorandum);
}

/// The node files what its partner sends on a new connection.
pub(super) async fn serves(partner: &mut Partner, address: &str) {
    let parcel = requesting(partner);
    let caller = caller(partner, address);
    let answer = caller.parcel(&parcel, Lane::Ordinary).await.unwrap();
    assert_eq!(outcomes(&answer), [Outcome::Filed]);
}

/// A parcel with one request that may be filed.
fn requesting(partner: &mut Partner) -> Parcel {
    let request = partner.request(CASE);
    let carried = partner.send(&request);
    partner.parcel(0, vec![carried])
}

#[test]
fn a_thousand_connections_that_say_nothing_keep_no_partner_out() {
    faced(400, Limits::default(), |mut partner, address| async move {
        let mut silent = Vec::new();
        for _ in 0..1000 {
            silent.push(TcpStream::connect(&address).await.unwrap());
        }
        serves(&mut partner, &address).await;
        drop(silent);
    });
}

#[test]
fn where_few_connections_may_stand_silent_ones_still_give_way() {
    let limits = Limits {
        all_connections: 4,
        ..Limits::default()
    };
    faced(405, limits, |mut partner, address| async move {
        let mut silent = Vec::new();
        for _ in 0..100 {
            silent.push(TcpStream::connect(&address).await.unwrap());
        }
        serves(&mut partner, &address).await;
        drop(silent);
    });
}

#[test]
fn a_connection_that_says_nothing_is_dropped_and_the_node_serves_on() {
    faced(406, Limits::default(), |mut partner, address| async move {
        let mut silent = TcpStream::connect(&address).await.unwrap();
        let mut said = Vec::new();
        // No newer handshake pushes it out: its own time ends.
        let ended = timeout(Duration::from_secs(60), silent.read_to_end(&mut said)).await;
        assert!(ended.is_ok(), "it was kept for a minute");
        assert!(said.is_empty());
        serves(&mut partner, &address).await;
    });
}

#[test]
fn a_partner_that_opens_connections_without_end_keeps_those_it_may_have() {
    let limits = Limits {
        connections: 4,
        ..Limits::default()
    };
    faced(401, limits, |mut partner, address| async move {
        let first = caller(&partner, &address);
        let memorandum = partner.node().memorandum().to_owned();
        first.mirrored(&memorandum).await.unwrap();
        let mut held = Vec::new();
        for _ in 0..20 {
            held.push(secured(&partner, &address).await);
        }
        // All beyond the fourth are closed; the first goes on.
        let mut closed = 0;
        for stream in held.iter_mut().skip(3) {
            closed += usize::from(matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_)));
        }
        assert_eq!(closed, 17);
        let parcel = requesting(&mut partner);
        let answer = first.parcel(&parcel, Lane::Ordinary).await.unwrap();
        assert_eq!(outcomes(&answer), [Outcome::Filed]);
    });
}

#[test]
fn a_parcel_that_is_too_long_is_not_read_to_its_end() {
    faced(402, Limits::default(), |mut partner, address| async move {
        for (lane, megabytes) in [("", 17), ("?lane=reserved", 3)] {
            let mut stream = secured(&partner, &address).await;
            let length = megabytes * 1024 * 1024;
            let head = format!(
                "POST /entente/v1/parcel{lane} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let (mut reads, mut writes) = tokio::io::split(stream);
            let writing = tokio::spawn(async move {
                let piece = vec![b' '; 64 * 1024];
                while writes.write_all(&piece).await.is_ok() {}
            });
            let mut answer = Vec::new();
            let _ = reads.read_to_end(&mut answer).await;
            writing.abort();
            let answer = String::from_utf8_lossy(&answer).into_owned();
            assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
            assert!(answer.contains("malformed"), "{answer}");
        }
        assert!(partner.inbox().is_empty());
        serves(&mut partner, &address).await;
    });
}

#[test]
fn a_body_that_never_ends_holds_its_own_lane_and_an_alert_passes_beside_it() {
    faced(403, Limits::default(), |mut partner, address| async move {
        let mut slow = secured(&partner, &address).await;
        let head = "POST /entente/v1/parcel HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\nExpect: 100-continue\r\n\r\n";
        slow.write_all(head.as_bytes()).await.unwrap();
        // The node says that it reads on: from now on the lane is held.
        let mut said = [0; 25];
        slow.read_exact(&mut said).await.unwrap();
        assert!(said.starts_with(b"HTTP/1.1 100"));
        slow.write_all(b"{").await.unwrap();

        let caller = caller(&partner, &address);
        let ordinary = partner.parcel(0, vec![]);
        let busy = caller.parcel(&ordinary, Lane::Ordinary).await.unwrap_err();
        let wanted = CallFault::Problem(Problem::Busy { retry_after_s: 1 });
        assert_eq!(busy, wanted);
        let alert = acts::alert(Ends::of(0), CASE, "2026-03-02T18:00:00Z");
        let alert = partner.act(&alert, &format!("{CASE}/1"));
        let carried = partner.send(&alert);
        let parcel = partner.parcel(0, vec![carried]);
        let answer = caller.parcel(&parcel, Lane::Reserved).await.unwrap();
        assert_eq!(outcomes(&answer), [Outcome::Filed], "{:?}", partner.inbox());
        drop(slow);
    });
}

#[test]
fn a_partner_whose_budget_is_spent_still_alerts_and_recalls() {
    let limits = Limits {
        bytes_per_minute: 60_000,
        ..Limits::default()
    };
    faced(404, limits, |mut partner, address| async move {
        let caller = caller(&partner, &address);
        let facts = acts::spontaneous(Ends::of(0), CASE);
        let facts = partner.act(&facts, &format!("{CASE}/1"));
        let carried = partner.send(&facts);
        let parcel = partner.parcel(0, vec![carried]);
        let answer = caller.parcel(&parcel, Lane::Ordinary).await.unwrap();
        assert_eq!(outcomes(&answer), [Outcome::Filed], "{:?}", partner.inbox());
        // The rest of the minute's bytes go on the same parcel, again and again.
        let busy = loop {
            if let Err(fault) = caller.parcel(&parcel, Lane::Ordinary).await {
                break fault;
            }
        };
        assert_eq!(
            busy,
            CallFault::Problem(Problem::Busy { retry_after_s: 60 })
        );

        let recall = acts::about_facts("recall", Ends::of(0), CASE, "");
        let recall = partner.act(&recall, &format!("{CASE}/3"));
        let alert = acts::alert(Ends::of(0), "BE-2026-000418", "2026-03-02T18:00:00Z");
        let alert = partner.act(&alert, "BE-2026-000418/1");
        let carried = vec![partner.send(&alert), partner.send(&recall)];
        let parcel = partner.parcel(0, carried);
        let answer = caller.parcel(&parcel, Lane::Reserved).await.unwrap();
        let filed = [Outcome::Filed, Outcome::Filed];
        assert_eq!(outcomes(&answer), filed, "{:?}", partner.inbox());
    });
}
