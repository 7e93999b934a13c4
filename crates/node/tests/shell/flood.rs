//! A node that may open few files, and many who connect and say nothing: its own officers notice nothing.

use std::{
    fs::{self, File},
    net::{SocketAddr, TcpStream},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use entente_node::{config::Config, folder::Folder};

use crate::world::{NOW, World, signed, until};

/// A process that ends with its test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The node of `be` as a process that may open 160 files; its log is `be.log`.
fn serving(world: &World) -> Serving {
    let log = File::create(world.path().join("be.log")).unwrap();
    let limited = "ulimit -n 160 && exec \"$0\" serve --dir be --at \"$1\"";
    let node = Command::new("sh")
        .args(["-c", limited, env!("CARGO_BIN_EXE_entente"), NOW])
        .current_dir(world.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let node = Serving(node);
    until(|| world.run(&["inbox", "--dir", "be"]).code == 0);
    node
}

#[test]
fn a_flood_of_silent_connections_leaves_descriptors_for_our_own_tools() {
    let world = signed();
    let config = Config::read(&Folder::at(world.path().join("be")).config()).unwrap();
    let address: SocketAddr = config.peer.listen.unwrap();
    let _node = serving(&world);
    // Some are refused by the system, whose queue is full: so much the better for the node.
    let silent = || {
        let connect = |_| TcpStream::connect_timeout(&address, Duration::from_secs(1)).ok();
        (0..100).filter_map(connect).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let floods: Vec<_> = (0..8).map(|_| scope.spawn(silent)).collect();
        while !floods.iter().all(|flood| flood.is_finished()) {
            world.does(&["inbox", "--dir", "be"]);
        }
        let stood = floods.into_iter().map(|flood| flood.join().unwrap().len());
        assert!(stood.sum::<usize>() > 160);
    });
    world.does(&["inbox", "--dir", "be"]);
    let log = fs::read_to_string(world.path().join("be.log")).unwrap();
    assert!(!log.contains("was not accepted"), "{log}");
}
