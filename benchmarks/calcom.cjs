// Answers cases, a line of JSON each, with the slot code of an unpacked @calcom/platform-libraries (its own dist files).
// Of all that those files ask for, only dayjs and the date ranges take part in the computation; the rest is inert.
"use strict";
process.env.TZ = "UTC"; // as servers run
const fs = require("fs");
const path = require("path");
const Module = require("module");
const readline = require("readline");

const home = process.argv[2];
const dist = path.join(home, "node_modules/@calcom/platform-libraries/dist");
const real = (name) => /^\.\/(date-ranges|index-)[\w-]*\.cjs$/.test(name) || /^(dayjs|zod)(\/|$)/.test(name);
const inert = new Proxy(function () {}, {
  get: (_target, key) => (key === "withReporting" ? (work) => work : key === Symbol.toPrimitive ? () => "" : inert),
  apply: () => inert,
  construct: () => inert,
});
const load = Module._load;
Module._load = function (name, parent, isMain) {
  const theirs = parent && parent.filename && parent.filename.startsWith(dist);
  return theirs && !real(name) ? inert : load.call(this, name, parent, isMain);
};

const file = path.join(dist, "slots.cjs");
const slots = new Module(file, null);
slots.filename = file;
slots.paths = Module._nodeModulePaths(dist);
// getSlots is theirs as it stands; it is only not exported.
slots._compile(fs.readFileSync(file, "utf8") + "\n;exports.getSlots = getSlots;\n", file);
const chunk = fs.readdirSync(dist).find((name) => /^date-ranges-.*\.cjs$/.test(name));
const { buildDateRanges, subtract } = Module.createRequire(file)("./" + chunk);
const dayjs = Module.createRequire(file)("dayjs");

const at = (minute) => dayjs.utc(minute * 60000);
const clock = (minutes) => new Date(Date.UTC(1970, 0, 1, 0, minutes === 1440 ? 1439 : minutes)); // 23:59 means midnight

function answer(one) {
  const availability = [
    ...one.lines.map((l) => ({ days: l.days, startTime: clock(l.opens), endTime: clock(l.closes) })),
    ...one.overrides.map((o) => ({ date: new Date(o.date), startTime: clock(o.opens), endTime: clock(o.closes) })),
  ];
  const busy = one.busy.map(([begin, end]) => ({ start: at(begin), end: at(end) }));
  const [dateFrom, dateTo] = [at(one.first), at(one.past)];
  const begun = process.hrtime.bigint();
  const { dateRanges } = buildDateRanges({ availability, timeZone: one.zone, dateFrom, dateTo, travelSchedules: [] });
  const found = slots.exports.getSlots({
    inviteeDate: dateFrom.tz(one.zone),
    frequency: one.step,
    minimumBookingNotice: 0,
    dateRanges: subtract(dateRanges, busy),
    eventLength: one.minutes,
  });
  const ms = Number(process.hrtime.bigint() - begun) / 1e6;
  return { ms, starts: found.map((slot) => slot.time.valueOf() / 60000).sort((a, b) => a - b) };
}

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
});
