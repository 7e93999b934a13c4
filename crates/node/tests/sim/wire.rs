//! Two nodes that speak over TLS on loopback, each working by itself.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use entente_node::{
    keys::Keys,
    node::Node,
    peer::{
        budget::Limits,
        client::{CallFault, Caller},
        server, tls,
    },
    work,
};
use entente_store::Outcome;
use jiff::SignedDuration;
use tokio::{
    io::AsyncReadExt,
    net::{TcpListener, TcpStream},
    sync::watch,
    time::sleep,
};

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

/// Waits until something holds, at most a minute.
pub(crate) async fn until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..6000 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(10)).await;
    }
    panic!("{what} did not come to pass");
}

fn settled(node: &Node, count: usize) -> bool {
    let link = node.links().remove(0);
    let lines = node.store.outbox(link.id, None, 1000).unwrap();
    lines.len() == count
        && lines
            .iter()
            .all(|line| line.outcome == Some(Outcome::Filed))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_cross_over_tls_and_a_node_that_only_dials_out_is_served() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    both_are_served(3, listener, address).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_cross_over_ipv6_alone() {
    let listener = TcpListener::bind("[::1]:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    assert!(address.is_ipv6());
    both_are_served(5, listener, address).await;
}

/// A relay in the middle, as a firewall or a proxy is, that breaks off its first connections after so many bytes: the pinned keys
/// are those of the nodes, so that it sees nothing, and what it cuts is handed over again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acts_cross_through_a_relay_that_breaks_off() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let behind = listener.local_addr().unwrap();
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let before = relay.local_addr().unwrap();
    let relaying = tokio::spawn(async move {
        // In the handshake, in a parcel, and then never again.
        let cuts = [700, 6000, u64::MAX];
        for connection in 0.. {
            let (near, _) = relay.accept().await.unwrap();
            let cut = cuts[cuts.len().min(connection + 1) - 1];
            tokio::spawn(relayed(near, behind, cut));
        }
    });
    both_are_served(6, listener, before).await;
    relaying.abort();
}

/// Passes bytes both ways until so many went towards the far side.
async fn relayed(near: TcpStream, to: SocketAddr, cut: u64) {
    let Ok(far) = TcpStream::connect(to).await else {
        return;
    };
    let (near_reads, mut near_writes) = near.into_split();
    let (mut far_reads, mut far_writes) = far.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut far_reads, &mut near_writes).await });
    let _ = tokio::io::copy(&mut near_reads.take(cut), &mut far_writes).await;
    if cut < u64::MAX {
        back.abort();
    }
}

/// The second side hears at `listener`, the first dials `address`, which leads there; acts of both are receipted, mirrored and
/// cosigned.
async fn both_are_served(seed: u64, listener: TcpListener, address: SocketAddr) {
    let address = address.to_string().parse().unwrap();
    let world = World::strangers(&shipped(), seed, [None, Some(address)]);
    let (stop, stopped) = watch::channel(false);
    let (be, ma) = (Arc::clone(world.node(0)), Arc::clone(world.node(1)));
    let hears = server::serve(
        Arc::clone(&ma),
        listener,
        Limits::default(),
        stopped.clone(),
    );
    let hears = tokio::spawn(hears);
    let works = [
        tokio::spawn(work::run(Arc::clone(&be), stopped.clone())),
        tokio::spawn(work::run(Arc::clone(&ma), stopped)),
    ];
    // Waits between attempts are counted by the clocks of the nodes, which are driven.
    let driven = [Arc::clone(&be), Arc::clone(&ma)];
    let ticking = tokio::spawn(async move {
        loop {
            sleep(Duration::from_millis(100)).await;
            for node in &driven {
                let next = node.clock.now() + SignedDuration::from_secs(1);
                node.clock.drive(next).unwrap();
            }
        }
    });

    // The first Party dials: its act is released as soon as the partner has been heard.
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000001"));
    be.send("officer_1", draft).unwrap();
    until("the receipt of the request", || settled(&be, 1)).await;

    // The second cannot call the first; its act is fetched by the next poll.
    let draft = world.draft(&acts::reply(
        Ends::of(1),
        "BE-2026-000001",
        "BE-2026-000001/1",
    ));
    ma.send("officer_1", draft).unwrap();
    until("the receipt of the reply", || settled(&ma, 1)).await;

    // Both logs are mirrored and cosigned, and then there is silence.
    let link = |node: &Node| node.links().remove(0);
    until("the cosignatures", || {
        [&be, &ma].into_iter().all(|node| {
            let id = link(node).id;
            let cosigned = node.store.cosignature(id).unwrap().map(|line| line.size);
            cosigned == Some(node.store.own_size(id).unwrap())
        })
    })
    .await;

    ticking.abort();
    stop.send(true).unwrap();
    hears.await.unwrap().unwrap();
    for task in works {
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_is_not_heard() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let world = World::strangers(&shipped(), 4, [None, Some(address.parse().unwrap())]);
    let (stop, stopped) = watch::channel(false);
    let ma = Arc::clone(world.node(1));
    let hears = tokio::spawn(server::serve(ma, listener, Limits::default(), stopped));

    let stranger = tempfile::tempdir().unwrap();
    let folder = entente_node::folder::Folder::at(stranger.path());
    Keys::create(&folder, None).unwrap();
    let keys = Keys::read(&folder).unwrap();
    let config = tls::client(keys.transport(), world.node(1).transport().pin()).unwrap();
    let caller = Caller::new(Some(address.clone()), config);
    let fault = caller
        .mirrored(world.node(1).memorandum())
        .await
        .unwrap_err();
    assert!(
        matches!(fault, CallFault::Handshake(..) | CallFault::BrokenOff(_)),
        "{fault:?}"
    );

    // And whoever answers with another key than the one pinned is not spoken to.
    let config = tls::client(&world.node(0).transport(), [7; 32]).unwrap();
    let caller = Caller::new(Some(address), config);
    let fault = caller
        .mirrored(world.node(1).memorandum())
        .await
        .unwrap_err();
    assert!(matches!(fault, CallFault::Handshake(..)), "{fault:?}");

    stop.send(true).unwrap();
    hears.await.unwrap().unwrap();
}
