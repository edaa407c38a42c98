"""Every verb that crosses islands, a module a stage, in the order a patient lives them:

apply    eligibility, proving an address, the intake's sections, consent, the verdict
nudge    reminding those who began an application and did not send it
choose   which kinds of visit, with whom, when
book     holding, booking, moving and cancelling a consult; `follow`: what follows from it
visit    entering a consult from where the patient is, and what happened at it
evaluate the provider's review; `decide`: its end, or whose it is from now on; `escalate`: telling who must know it is late
         `look`: all that is on the page; `review`: what stands in the way of an approval; `notes`: clinical notes;
         `summarize` and `compare`: the intake in sentences, and beside the one before
withdraw the patient goes no further
phone    where they can be called
treat    the treatment plan
follow_up check-ins that fall due; `check_in`: the patient's answers; `next_visit`: when to see them again
dose     dosing sessions as the provider and the patient report them; `call`: calling those who do not answer
signal   what calls a provider's attention
maintain a patient in treatment, as their provider sees them; `timeline`: all of it over time, and its export
emergency a provider reads the record of somebody whom they do not look after: why, until when, told to whom
waitlist waiting for a time, and offers of one
coordinate the calendar as coordinators keep it; `outbox`: the messages as they see them
absence  a provider is away: one plan for all their visits, carried out in one go
foresee  telling coordinators of changes ahead that booked visits rest on
digest   telling staff each morning how much waits for them
hours    when providers are open; `licenses`: where they may treat
busy     calendars outside of ours that say when a provider is busy
publish  visits for one's own calendar program
refuse   mails that their recipient does not want
tell     what each message says, and sending those that are due; `preview`: what it would say to nobody

A verb always reads: permission, load, rule, write, message, audit; in one transaction.
"""
