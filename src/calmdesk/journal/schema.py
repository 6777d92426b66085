"""The tables of the journal, as migrations that are only ever added to: their count is the format's number."""

from __future__ import annotations

MIGRATIONS = (
    """
    create table desk (number integer primary key, id text not null unique);
    create table name (id integer primary key, name text not null unique);
    create table text (digest text primary key, body blob not null) without rowid;
    create table event (
      desk integer not null, seq integer not null, call integer not null, kind integer not null,
      version integer not null, wall integer not null, mono integer not null, boot integer not null,
      data text not null, said blob, sum blob not null, primary key (desk, seq)) without rowid;
    create index event_call on event (desk, call);
    create table unfinished (desk integer not null, call integer not null, primary key (desk, call)) without rowid;
    create table words (
      desk integer not null, seq integer not null, salt blob not null, words text not null,
      primary key (desk, seq)) without rowid;
    create trigger event_once before insert on event
      when exists (select 1 from event where desk = new.desk and seq = new.seq)
      begin select raise(abort, 'the journal is append-only'); end;
    create trigger event_fixed before update on event begin select raise(abort, 'the journal is append-only'); end;
    create trigger event_stays before delete on event begin select raise(abort, 'the journal is append-only'); end;
    create trigger text_fixed before update on text begin select raise(abort, 'a pinned text never changes'); end;
    """,
    # Events that format 1 doesn't know; and where copies were made, so that words can be forgotten there too.
    """
    create table copy (path text primary key, made integer not null) without rowid;
    """,
    # Rehearsals: events that format 2 doesn't know.
    "",
    # The clock of a rehearsal, quick drills, and what the coach was asked: events that format 3 doesn't know.
    "",
)
