"""The scheduling island's verbs, and the types they speak in. Everything that others may use is here."""

from carepath.scheduling.answering import Taken, accept, decline, void
from carepath.scheduling.arriving import Arrival, Entrance, check_in, entrance
from carepath.scheduling.asking import SlotTaken, Unbookable, check_dates
from carepath.scheduling.assigning import Ranking, assignment_of, has_already, note_assignment, rank
from carepath.scheduling.assignment_queries import Assignment
from carepath.scheduling.availability import (
    add_exception,
    add_practitioner,
    end_licence,
    exceptions_of,
    grant_licence,
    hours_of,
    licences_of,
    practitioner,
    practitioners,
    remove_exception,
    remove_week,
    replace_hours,
    save_week,
    set_limits,
    set_practitioner_active,
    weeks_of,
    who_may_treat,
)
from carepath.scheduling.availability_queries import AvailabilityException, Licence, OpenHours, Practitioner
from carepath.scheduling.booking import book_for, hold, locked, move, offer_hold
from carepath.scheduling.busy_feeds import (
    Outside,
    add_feed_address,
    add_feed_file,
    busy_feeds,
    claim_feeds,
    outside_of,
    read_feed,
    read_feed_soon,
    remove_feed,
    store_reading,
)
from carepath.scheduling.carrying_out import CarriedOut, NotCarriedOut, carry_out, moved_for
from carepath.scheduling.catalogue import (
    clinic_contact,
    clinic_zone,
    kind,
    kinds_asked_after,
    kinds_for,
    place_name,
    prescribing,
)
from carepath.scheduling.feed_queries import BusyFeed
from carepath.scheduling.lateness import Late, be_late
from carepath.scheduling.matching import Look, looks, not_matched
from carepath.scheduling.matching import ended as ended_offers
from carepath.scheduling.matching import lapse as lapse_requests
from carepath.scheduling.matching import offer as offer_place
from carepath.scheduling.matching import settle as settle_offer
from carepath.scheduling.open_days import clock_changes_of, closed_days, open_on
from carepath.scheduling.published import (
    address_of_token,
    calendar_address,
    make_calendar_address,
    published,
    revoke_calendar_address,
)
from carepath.scheduling.published_queries import CalendarAddress
from carepath.scheduling.queries import Appointment
from carepath.scheduling.replan_queries import Replan, ReplanItem
from carepath.scheduling.replanning import (
    dismiss,
    open_replans,
    propose,
    propose_again,
    propose_flagged,
    replan,
)
from carepath.scheduling.request_queries import ConsultRequest
from carepath.scheduling.request_queries import Offer as ConsultOffer
from carepath.scheduling.requests import (
    ask,
    met_otherwise,
    offer_of,
    offers_for,
    request,
    requests_of,
    waiting,
    withdraw,
)
from carepath.scheduling.retry import settled
from carepath.scheduling.rules.clock_changes import ClockChange
from carepath.scheduling.rules.drafts import ExceptionDraft, HoursDraft
from carepath.scheduling.rules.model import Offer
from carepath.scheduling.rules.requests import Place, RequestDraft
from carepath.scheduling.rules.weeks import DatedWeek
from carepath.scheduling.search import Free, Why, free_of_any, free_of_each, next_available, search, why_nothing
from carepath.scheduling.standing import covers
from carepath.scheduling.visits import (
    appointments_of,
    cancel,
    confirm,
    expire_holds,
    fulfil,
    get,
    mark_no_shows,
    no_show,
    release,
    reverse_no_show,
    visits,
    visits_to_come,
    week,
)
from carepath.scheduling.warning import Warned, changes_ahead

__all__ = [
    "Appointment",
    "Arrival",
    "Assignment",
    "AvailabilityException",
    "BusyFeed",
    "CalendarAddress",
    "CarriedOut",
    "ClockChange",
    "ConsultOffer",
    "ConsultRequest",
    "DatedWeek",
    "Entrance",
    "ExceptionDraft",
    "Free",
    "HoursDraft",
    "Late",
    "Licence",
    "Look",
    "NotCarriedOut",
    "Offer",
    "OpenHours",
    "Outside",
    "Place",
    "Practitioner",
    "Ranking",
    "Replan",
    "ReplanItem",
    "RequestDraft",
    "SlotTaken",
    "Taken",
    "Unbookable",
    "Warned",
    "Why",
    "accept",
    "add_exception",
    "add_feed_address",
    "add_feed_file",
    "add_practitioner",
    "address_of_token",
    "appointments_of",
    "ask",
    "assignment_of",
    "be_late",
    "book_for",
    "busy_feeds",
    "calendar_address",
    "cancel",
    "carry_out",
    "changes_ahead",
    "check_dates",
    "check_in",
    "claim_feeds",
    "clinic_contact",
    "clinic_zone",
    "clock_changes_of",
    "closed_days",
    "confirm",
    "covers",
    "decline",
    "dismiss",
    "end_licence",
    "ended_offers",
    "entrance",
    "exceptions_of",
    "expire_holds",
    "free_of_any",
    "free_of_each",
    "fulfil",
    "get",
    "grant_licence",
    "has_already",
    "hold",
    "hours_of",
    "kind",
    "kinds_asked_after",
    "kinds_for",
    "lapse_requests",
    "licences_of",
    "locked",
    "looks",
    "make_calendar_address",
    "mark_no_shows",
    "met_otherwise",
    "move",
    "moved_for",
    "next_available",
    "no_show",
    "not_matched",
    "note_assignment",
    "offer_hold",
    "offer_of",
    "offer_place",
    "offers_for",
    "open_on",
    "open_replans",
    "outside_of",
    "place_name",
    "practitioner",
    "practitioners",
    "prescribing",
    "propose",
    "propose_again",
    "propose_flagged",
    "published",
    "rank",
    "read_feed",
    "read_feed_soon",
    "release",
    "remove_exception",
    "remove_feed",
    "remove_week",
    "replace_hours",
    "replan",
    "request",
    "requests_of",
    "reverse_no_show",
    "revoke_calendar_address",
    "save_week",
    "search",
    "set_limits",
    "set_practitioner_active",
    "settle_offer",
    "settled",
    "store_reading",
    "visits",
    "visits_to_come",
    "void",
    "waiting",
    "week",
    "weeks_of",
    "who_may_treat",
    "why_nothing",
    "withdraw",
]
