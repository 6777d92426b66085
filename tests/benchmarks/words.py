"""What generated playbooks are made of: stations of a call and matters to complain about, in a trainer's words.

A line is `key: one | another`; `THING`, `PEOPLE` and `FIX` stand for what the matter is about. In `avoid`, `>` parts
the words, why not, and what instead.
"""

from __future__ import annotations

_STATIONS = """
= greet steady
ids: greet | first-words | answer-up
title: Answer and settle | The first words | Arrive in the call
cue: One slow breath | Low voice, slow pace | Their name, once | Pen and paper ready
say: Hello {customer}, you've reached the right person. What happened with THING? | Hi {customer}, I have time for this. Tell me about THING. | Good that you're calling, {customer}. I'd like to hear what happened. | Hi {customer}, I'm listening, and I'm writing down what you say.
avoid: What's your customer number? > A form comes before the person. > Hear one sentence first, then ask. | That can't be right. > It starts a quarrel in the first minute. > Ask what they saw.
why: The first ten seconds set the volume of the whole call. | A voice that stays low brings the other one down.
check: My voice is low | I wrote their first noun | I know how to say their name
claims: A06 A08 A10 A11 A23

= hear listen
ids: hear | their-story | listen-first
title: Hear them out | Let them talk | Their story first
cue: Let them finish | Nouns, dates, amounts | No fixing yet | A short yes now and then | Leave the keyboard alone
say: Start wherever you like. I'm taking notes. | Tell me all of it, from the first day on. I won't cut in. | What happened first, and what came after that? | I want the whole story of THING, in your own order. | Take your time. I'd rather hear too much than too little.
avoid: Please calm down. > It tells them the feeling is wrong. > Say back one thing you heard. | I know how you feel. > You can't know that. > Name what it cost them. | Let me stop you there. > It says their story is too long. > Wait for the breath, then sum up.
why: People can't take in a fix before they feel heard. | Most stories about THING take less than three minutes. | What they say first is what hurts most.
check: They finished | I have their noun on paper | I know the day it began
claims: A05 A19 A21 A34

= focus listen
ids: focus | step-in | gather-up
title: Step in softly | Gather it up | Sum up midway
cue: Their name, then a summary | Start with their own noun | One sentence only
say: Let me say back what I have about THING. | May I stop you for a second? I want to be sure I've got it. | Let me read you my notes so far, and you put them right.
avoid: As I said before … > It turns the call into a contest. > Say it fresh, in their words. | You told me that already. > It counts their words. > Read them your note of it.
why: Going round again means they aren't sure you heard it. | A summary ends a loop better than a question does.
claims: A19 A34

= name empathise
ids: name | what-hurts | name-it
title: Name what hurts | What it cost | Say what hurts
cue: A guess, not a verdict | Once, then keep quiet | Their loss, not your view | No 'but' after it
say: It sounds like {stake} is the worst part of this. | I'm guessing {stake} is what stings the most. | So on top of THING, there's {stake}. That's a lot for one week. | Losing {stake} over THING would make anyone angry.
avoid: It's only a few days. > It makes their loss small. > Name what the days cost them. | Others wait far longer. > It compares, and explains nothing. > Stay with their case.
why: Name the right loss once, then stop talking. | A named feeling gets quieter. A denied one gets louder.
check: I named it once | I kept quiet after it
claims: A13 A26 A27 A28 A29

= check listen
ids: check | say-back | agree-it
title: Say it back | Agree the problem | One sentence back
cue: One sentence, their nouns | Wait for the yes | Ask what you got wrong
say: So {problem}. Have I got that right? | Let me check I've got it: {problem}. Is that it? | What I've written down is this: {problem}. Would you change anything? | In one line: {problem}. What's missing?
avoid: What you need to understand is … > It lectures before they've agreed. > Ask what you got wrong. | Let's move on. > They'll go back to it later. > Get the yes first.
why: A yes to the summary is the turning point of the call. | A fix for the wrong problem makes two problems.
check: They said yes to my summary | It fits in one line
claims: A15 A34

= own own
ids: own | own-it | our-part
title: Own it once | Say whose it is | Own our part
cue: 'We' failed, 'I' act | Their nouns, your own words | No 'but' | Stop after the sorry
ours: We got this wrong: {problem}. I'm sorry, and I'm fixing it. | That's on us, and it cost you {stake}. I'm sorry. I'm putting it right. | You didn't get what we owed you: {problem}. That's our mistake, and I'm sorry.
partner: It's ours to put right. I'm sorry about {stake}. | They work for us, so we answer for it. I'm sorry.
theirs: Thanks for telling me. Let's put it right together. | That page trips up a lot of people. I'll help you get it back.
unknown: I don't know yet what went wrong. I'm going to find out. | I can't tell you the cause yet. It's with me now, and I'm looking.
avoid: I'm sorry if you were upset. > It leaves our mistake out. > Name what happened. | We apologise for any inconvenience. > It's canned, and it names nothing. > Say what it cost them. | I'm sorry, but PEOPLE … > 'But' takes the apology back. > Stop after 'I'm sorry'.
why: Taking responsibility is what counts most in an apology. | Once is enough. Again and again only delays the fix.
must: Said once, without 'but' | I named what failed | No one else was blamed
claims: A12 A13 A14 B15 B16 B17

= look explain
ids: look | look-it-up | find-out
title: Look it up | Find the cause | Look together
cue: Say what you open | Read it out as you go | No guesses
say: I'm opening the record of THING now, and I'll read you what I see. | Give me half a minute with the notes. I'm still here. | I'm looking at the dates with you, line by line.
avoid: The system doesn't show that. > It hides behind a machine. > Say what you look at next. | That isn't my department. > It sends them away. > Say who knows, and ask them.
why: Silence is fine when they know what you're doing.
timer: {policy.hold}
claims: A14 A15 A34

= explain explain
ids: explain | the-cause | why-it-happened
title: Why, in one line | The cause, briefly | Say why
cue: One true line, no defence | Two ways, a time on each | They choose
say: There are two ways to put it right. You choose. | Here's what I know about THING, and two ways out of it. | I have two ways to help, each with a time.
because: {cause}. There are two ways to put it right. You choose. | The reason, as far as I know: {cause}. Here's what I can do about it. | {cause}. I have two ways out of it, each with a time.
avoid: There's nothing I can do. > It shuts the door on them. > Offer a small thing you can do. | It's company policy. > It's a wall, and no reason. > Give the reason behind the rule.
why: One good reason helps. Two sound like a defence. | People who choose a fix complain less about it.
check: I gave one reason | They know both ways
claims: A11 A12 A16 A34

= proof fix
ids: proof | the-papers | see-it
title: Get the proof | The papers | What we need
cue: Ask for one thing only | Say what it is for | Offer to look yourself
say: I don't need the papers. I can see THING from here. | No receipt is fine. I'll find it by the date. | Then I'll look it up for you, and you don't have to search.
avoid: No receipt, no refund. > It hands our work to them. > Find it by date and amount. | You should have kept it. > It blames them. > Say how you'll find it.
why: We keep the records so that they don't have to.
claims: A16 A20 A37

= fix fix
ids: fix | one-fix | the-plan
title: One fix, one time | The fix, today | What happens now
cue: What, who, a clock time | Promise less, keep it all | Start while they listen
say: Right, this is it: FIX, by {fix-by}. I'm on it now. | I'm doing this: FIX, by {fix-by}. It's mine until then. | Okay, then it's this: FIX, and that's by {fix-by}. I'm starting while we talk.
avoid: We'll get to it as soon as possible. > It's no time at all. > Give a clock time that you can keep. | You'll have to fill in the form again. > It hands our work to them. > Fill it in with them. | PEOPLE will be in touch. > Nobody owns that. > Say your own name and a time.
why: Work that moves brings the heat down now. | A time they can hold us to is worth more than a sorry.
check: I gave a clock time | They chose or agreed
claims: A14 A16 A20 A35 A36

= amount make-good
ids: amount | the-money | what-it-cost
title: What it cost | The money part | Count the cost
cue: Only what failed | To the cent | Never to end the call
say: Now the money. I'm looking at what THING cost you. | Let me check the amount, so that it's right the first time. | One number from me, and you tell me if it fits yours.
avoid: What would make you happy? > It's a blank cheque. > Make one offer that you can keep.
why: Money before a fix looks like paying them to go away.
claims: A13 A21 B21 B22

= gesture make-good
ids: gesture | make-good | something-extra
title: A gesture, last | Something for them | One thing more
cue: On the thing that failed | One amount, no strings | Above my limit: lead, now
say: I'd like to add something for the trouble with THING. | You went to real trouble over this, so here's one more thing. | This one is from us, for {stake}.
avoid: As a one-off, and don't tell anyone. > It makes fairness look like a favour. > Say what it's for. | I'll see what I can do. > No owner, no time, no answer. > Say the amount, or who decides.
why: A gesture helps after the fix is under way, and little instead of it.
claims: A21 B21 B22 B23

= recap follow-up
ids: recap | read-back | sum-up
title: Read it back | Sum it up | The last summary
cue: Problem, fix, time | Ask what you missed | Let them end the call
say: So {problem}, and FIX by {fix-by}. Did I miss anything? | I have down: FIX, by {fix-by}. What did I forget? | Before you go: FIX, by {fix-by}. Is anything still open?
avoid: Is there anything else I can help you with? > It's read from a card. > Ask what you forgot. | So we're good? > It begs for a yes. > Read the plan back.
why: What is read back is remembered, by them and by us. | People remember the end of a call best.
check: They said the time back | Nothing is open
claims: A36 B19 B20 C01

= mend follow-up
ids: mend | what-i-missed | add-it
title: Mend the gap | What I missed | Add one thing
cue: Thank them for it | A time for this too | One sentence
say: Thank you, I'd missed that. You'll have it by {missed-by}. | Good that you say so. You get that by {missed-by}, from me. | Noted. That's mine too, by {missed-by}.
avoid: You didn't mention that before. > It makes the gap their fault. > Thank them, and give a time.
why: A gap they find later costs a second call.
claims: A35 A36 C02

= close follow-up
ids: close | good-bye | the-end
title: Close the call | Say goodbye | End it well
cue: Their name, your name | Let them hang up first | Send the note now
say: Thank you for telling me, {customer}. I'll write to you today. | You'll find it all in my note, {customer}. Thank you. | Thanks for staying with me. My note about THING goes out now.
avoid: Have a nice day! > It's hollow after a bad one. > Thank them for what they did. | Please rate this call. > It asks for a favour too early. > Ask in a week, if at all.
why: A note they can keep saves them the next call. | The last words are the ones that are told to others.
check: The note is out | The date is in my calendar
claims: C03 C04 C05 C06

= hand-over hand-over
ids: hand-over | pass-it-on | bring-them-in
title: Hand it over | Bring them in | Pass it on warm
cue: Name, not department | Tell the story yourself | Stay until they have it
say: {colleague} can decide this. I'll tell them everything, so you don't have to. | I'm bringing {colleague} in, and I'll stay until they have the whole story. | This one is for {colleague}. I've told them what you told me.
avoid: I'll put you through. > They'll tell it all again. > Tell the story yourself. | You need to call another number. > It starts them at the bottom. > Go there with them.
why: Telling it twice is what people hate most about a transfer.
check: They know the name | My notes are with the colleague
claims: A17 A18 B24 B25

= wait-open follow-up
ids: wait-open | still-open | news-later
title: Leave it open | News by tonight | Still open
cue: A time, even without news | Your own name | One number to call
say: I don't have the answer yet. You'll hear from me by tomorrow noon, news or none. | It stays open, and it stays mine. I'm ringing you back within a day. | I'll write to you today about what I've found so far.
avoid: We'll let you know. > Nobody, and never. > Give a time and your name.
why: News that there is no news is still news.
claims: A36 C07 C08
"""

_MATTERS = """
= late-parcel
title: Late parcel | Parcel gone missing | Delivery that never came
thing: the parcel
people: the courier
problem: the parcel was due on Monday and nobody brought it | the parcel went to the wrong street twice
stake: the birthday on Saturday | a day at home for nothing
cause: The label was torn at the depot | The courier had the old address
fix: a new parcel by express | the parcel from our own store
signals: where is my parcel | it says delivered and it isn't | I stayed home for this | the tracking hasn't moved

= double-charge
title: Double charge | Charged twice | Two payments for one order
thing: the second charge
people: the bank
problem: the card was charged twice for one order | the deposit was taken and never given back
stake: the money for the rent | a week on an empty account
cause: The payment was sent again after a timeout | Two orders were made from one click
fix: the second charge goes back today | the full amount goes back to your card
signals: you took my money twice | I see two payments | my bank says it was you | give me my money back

= broken-boiler
title: Cold boiler | Boiler fails again | No heating since Friday
thing: the boiler
people: the fitter
problem: the boiler is cold again after three visits | the fitter came without the part
stake: three cold nights | a sick child in a cold flat
cause: The wrong part was fitted last time | The visit was never confirmed on our side
fix: a fitter with the right part | a heater tonight and a fitter tomorrow
signals: we have no heating | this is the third visit | nobody turned up | I have a baby here

= wrong-bill
title: Wrong bill | Bill too high | Old bill came back
thing: the bill
people: the billing team
problem: the bill is twice as high as every month | the old flat is still on the bill
stake: an evening lost to old letters | the trust in our letters
cause: The meter was read wrongly in March | The move was never entered
fix: a new bill, checked by hand | the old contract comes off the bill
signals: this bill is wrong | I never used that much | I moved out in March | who reads these meters

= lost-booking
title: Lost booking | Room given away | Booking not found
thing: the booking
people: the hotel
problem: the room was paid and given to somebody else | the booking isn't in the hotel's list
stake: the first night of the holiday | an evening in a lobby with two children
cause: The booking never reached the hotel | The house was overbooked that night
fix: a room in the house next door | a better room from tomorrow
signals: they don't have my booking | I have paid for this | we're standing in the lobby | fix this now

= dead-line
title: Dead line | Internet down again | No signal at work
thing: the line
people: the technician
problem: the line drops every evening at eight | the line was switched off a week too early
stake: the evening shifts from home | two days without work
cause: A splitter in the street is broken | The switch was set to the wrong day
fix: a test of your line tonight | a mobile router until it works
signals: the internet is down again | I work from home | you switched me off | every single evening

= refused-refund
title: Refused refund | Refund never came | Return sent back
thing: the refund
people: the warehouse
problem: the shoes went back in May and no money came | the return was refused for a missing tag
stake: forty days of waiting | a second trip to the post
cause: The return was booked under another number | The box was scanned and put aside
fix: the refund goes out today | a check of the box, on camera
signals: where is my refund | you've had it for weeks | I have the receipt | it was unworn

= locked-account
title: Locked account | Login locked out | Account closed by mistake
thing: the account
people: the security team
problem: the account was locked before a payment was due | the account was closed without a letter
stake: a payment that went out late | the photos of ten years
cause: A login from abroad set off the alarm | Two accounts carry the same name
fix: the account opens today, after one call | a new login by letter and phone
signals: I can't log in | you locked me out | I need this today | it says I don't exist

= cancelled-visit
title: Cancelled visit | Visit moved again | Engineer never came
thing: the visit
people: the planner
problem: the visit was cancelled an hour before | the engineer came on the wrong day
stake: a day off work | a whole morning by the phone
cause: The van broke down on the way | Two visits were booked for one hour
fix: a visit tomorrow before nine | a visit on Saturday, at no cost
signals: nobody came | you cancelled again | I took the day off | do you have any idea

= faulty-washer
title: Faulty washer | Washer leaks again | New machine broken
thing: the washer
people: the maker
problem: the new washer leaks onto the floor | the washer stopped in its first week
stake: a wet floor in the flat below | the evenings in a laundrette
cause: A seal was left out at the factory | The hose was fitted too tight
fix: a new washer on Thursday | a repair at your home tomorrow
signals: it's leaking | it's brand new | I want another one | my neighbour is furious

= missed-refill
title: Missed refill | Order of pills late | Refill not sent
thing: the refill
people: the pharmacy
problem: the refill was due on Friday and wasn't sent | the refill came with half of the packs
stake: a weekend of worry | two trips to town
cause: The order waited for a signature | The stock was counted wrongly
fix: a bike courier before noon | the rest of the packs today
signals: I need it today | you promised Friday | half of it is missing | I can't wait that long

= stuck-claim
title: Stuck claim | Claim without answer | Claim refused twice
thing: the claim
people: the assessor
problem: the claim has had no answer for six weeks | the claim was refused over a missing photo
stake: a car that stands in the yard | six weeks of borrowed cars
cause: The photos were filed under another case | The assessor was ill, and nobody took over
fix: a decision in writing | a visit by another assessor
signals: six weeks and nothing | who decides this | I sent the photos | I'm calling a lawyer
"""

CUSTOMERS = ("first order", "regular customer", "new customer", "business account", "family plan", "shared flat")
PLACES = (
    "abroad",
    "before a holiday",
    "at the weekend",
    "second call",
    "third call",
    "late at night",
    "by chat",
    "from the shop",
    "in a hurry",
    "by the agency",
)
NAMES = ("Rosa", "Ida", "Max", "Noor", "Sam", "Ana", "Lee", "Kim", "Jonas", "Amina", "Vera", "Otis")
GOALS = (
    "Agree the problem in one sentence, then one fix with a time.",
    "They know what happens to THING, who does it, and by when.",
    "Own what failed with THING once, fix it, and keep the time.",
    "One honest reason, one fix they chose, one note to keep.",
)


CARDS = {
    "lawyer": (
        "They name a lawyer",
        "Your right",
        "That's your right, {customer}. I'll note it, and I go on with THING now.",
    ),
    "press": (
        "They name the press",
        "Not a threat",
        "You can tell anyone, {customer}. I'd like to put THING right first.",
    ),
    "manager": (
        "They want a manager",
        "The lead, gladly",
        "You can have my lead. Give me one minute to tell them about THING.",
    ),
    "third-person": (
        "Somebody else comes on",
        "Greet them too",
        "Hello, I'm with {customer} on THING. Shall I say where we are?",
    ),
    "tears": ("They cry", "Stay with them", "I'm here, {customer}. There's no hurry at all."),
}
ANSWERS = {
    "finished": ("They have finished", "They draw breath", "The story is told"),
    "looping": ("They go round again", "The story starts over", "Same point a third time"),
    "settled": ("They come down a bit", "The voice gets lower", "They say 'exactly'"),
    "more": ("More comes out", "There is another part", "They add something"),
    "yes": ("They say yes", "They agree", "That was right"),
    "no": ("Not quite", "They put it right", "Something was wrong"),
    "picked": ("They pick one", "They choose", "A way is chosen"),
    "outside": ("Outside my power", "Above what I may do", "Not mine to decide"),
    "later": ("No answer today", "It stays open", "The cause isn't known"),
    "clear": ("Nothing is missing", "They say that's all", "All is said"),
    "missed": ("I missed something", "They add a point", "One thing is open"),
}
LETTER = (
    "Dear {customer},",
    "you told me today what happened: {problem}.",
    "This is what I do about THING: FIX.",
    "You have it by {fix-by}. If not, write to me, and I ring you the same day.",
    "Thank you for telling me, and for your patience with us.",
    "This letter is enough: nobody will ask you again.",
    "Kind regards from the desk at {policy.company}",
)


def _read(text: str) -> dict[str, dict[str, list[str]]]:
    """Each part by its id: its keys with what there is to choose from."""
    parts: dict[str, dict[str, list[str]]] = {}
    for line in filter(None, text.splitlines()):
        if line.startswith("= "):
            name, _, principle = line[2:].partition(" ")
            parts[name] = {"principle": [principle]}
        else:
            key, _, rest = line.partition(": ")
            parts[name][key] = rest.split(" ") if key == "claims" else rest.split(" | ")
    return parts


STATIONS = _read(_STATIONS)
MATTERS = _read(_MATTERS)
