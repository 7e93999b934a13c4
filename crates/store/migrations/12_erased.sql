-- Sealed bytes whose file key was deleted were left behind by earlier versions: the node's own seal key still opens them.
delete from body where message not in (select message from file_key);
