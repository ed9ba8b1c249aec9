"""Invitations to workspaces and organizations: made by admins, good for one attempt, for a while."""

import time
from datetime import datetime, timedelta

from common import World, can_see, forbidden, handle, refused, run


def places(world: World):
    """Of both kinds: the place, what makes an invitation to it, and the role to be given."""
    gf = world.ada
    workspace = gf.Workspace(name="inviting").create()
    organization = gf.Organization(name="inviting").create()
    yield workspace, lambda gf, **more: gf.WorkspaceInvitation(workspace=workspace, **more), "creator"
    yield (
        organization,
        lambda gf, **more: gf.OrganizationInvitation(organization=organization, **more),
        "workspace_admin",
    )


def made_read_taken_back(world: World) -> None:
    """The token is told once; admins read and delete by id, strangers do not."""
    for place, invite, role in places(world):
        made = [invite(world.ada, email="bob@example.org", membership_type=role).create() for _ in range(2)]
        first = made[0]
        assert len({one.token for one in made}) == 2
        assert min(len(one.token) for one in made) >= 20
        assert (first.initiator, first.email, first.membership_type) == ("ada", "bob@example.org", role)
        assert first.expiry > first.created
        assert first.status
        listed = place.get_invitations()
        assert {one.api_id for one in listed} == {one.api_id for one in made}
        assert [one.token for one in listed] == [None, None]
        read = handle(world.ada, first, api_id=first.api_id).fetch()
        assert (read.token, read.email, read.membership_type) == (None, "bob@example.org", role)
        assert handle(world.bob, first, token=first.token).fetch().membership_type == role
        for gf in (world.bob, world.nobody):
            with forbidden():
                handle(gf, first, api_id=first.api_id).fetch()
            with forbidden():
                handle(gf, first, api_id=first.api_id).delete()
            with forbidden():
                invite(gf, email="x@example.org", membership_type=role).create()
        with forbidden():
            handle(world.bob, place, api_id=place.api_id).get_invitations()
        for one in made:
            one.delete()
        assert place.get_invitations() == []
        with refused():
            handle(world.bob, first, token=first.token).accept()
        for level in ("emperor", None):
            with refused():
                invite(world.ada, email="x@example.org", membership_type=level).create()


def by_those_who_manage(world: World) -> None:
    """Members who do not manage a place invite nobody to it, and neither see nor take back invitations."""
    for place, invite, role in places(world):
        made = invite(world.ada, email="x@example.org", membership_type=role).create()
        lesser = ("viewer", "creator") if role == "creator" else ("workspace_viewer", "workspace_creator")
        for level in lesser:
            place.add_member("bob", level)
            theirs = handle(world.bob, made, api_id=made.api_id)
            invitation = invite(world.bob, email="x@example.org", membership_type=role)
            listed = handle(world.bob, place, api_id=place.api_id).get_invitations
            for attempt in (invitation.create, theirs.fetch, theirs.delete, listed):
                with forbidden():
                    attempt()
            place.remove_member("bob")
        place.add_member("bob", "admin" if role == "creator" else "org_admin")
        handle(world.bob, made, api_id=made.api_id).delete()
        assert place.get_invitations() == []


def accepted_once(world: World) -> None:
    """Whoever has the token comes in with the role named; the invitation is gone then."""
    for place, invite, role in places(world):
        invitation = invite(world.ada, email="somebody@example.org", membership_type=role).create()
        assert not can_see(world.bob, place)
        accepted = handle(world.bob, invitation, token=invitation.token)
        accepted.accept()
        assert ("bob", role) in {(one.username, one.membership_type) for one in place.get_members()}
        assert can_see(world.bob, place)
        assert place.get_invitations() == []
        for gf in (world.bob, world.cyd):
            with refused():
                handle(gf, invitation, token=invitation.token).accept()
        assert not can_see(world.cyd, place)


def spent_by_any_attempt(world: World) -> None:
    """A member who tries an own invitation gets an error, and the invitation is spent."""
    for place, invite, role in places(world):
        invitation = invite(world.ada, email="ada@example.org", membership_type=role).create()
        with refused():
            invitation.accept()
        assert place.get_invitations() == []
        with refused():
            handle(world.bob, invitation, token=invitation.token).accept()
        assert [one.username for one in place.get_members()] == ["ada"]


def expired_and_nearly_right(world: World) -> None:
    """After its time an invitation lets nobody in, nor does a token that is almost one; a naive time is understood."""
    for place, invite, role in places(world):
        soon = datetime.now() + timedelta(seconds=1)  # noqa: DTZ005 - as callers of the client write it
        brief = invite(world.ada, email="bob@example.org", membership_type=role, expiry=soon).create()
        good = invite(world.ada, email="bob@example.org", membership_type=role).create()
        for token in (good.token[:-1], good.token + "0", good.token[::-1], good.api_id, "x"):
            with refused():
                handle(world.bob, good, token=token).accept()
        time.sleep(1.5)
        with refused():
            handle(world.bob, brief, token=brief.token).accept()
        assert not can_see(world.bob, place)
        handle(world.bob, good, token=good.token).accept()
        assert can_see(world.bob, place)


run(made_read_taken_back, by_those_who_manage, accepted_once, spent_by_any_attempt, expired_and_nearly_right)
