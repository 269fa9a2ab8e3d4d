import Expressions
import Records
import Testing

/// Wrong features, each with the part that is marked and with what is said of it.
@Suite struct AggregateRefusalTests {
  /// - Parameter retention: of the stage; nil: it says none.
  static func refusal(_ text: String, retention: Int64? = nil) -> ExpressionError? {
    do throws(ExpressionError) {
      _ = try Aggregate.compile(text, schema: AggregateTests.schema, retention: retention)
      return nil
    } catch {
      return error
    }
  }

  struct Case: Sendable, CustomTestStringConvertible {
    /// The feature, with a `»` before and after what is marked.
    let text: Substring
    let said: Substring

    var testDescription: String { String(text) }
  }

  static let cases: [Case] = {
    let lines = table.split(separator: "\n")
    return stride(from: 0, to: lines.count - 1, by: 2).map { Case(text: lines[$0], said: lines[$0 + 1].dropFirst(2)) }
  }()

  @Test(arguments: cases)
  func refuses(example: Case) throws {
    let parts = example.text.split(separator: "»", omittingEmptySubsequences: false)
    try #require(parts.count == 3)
    let feature = parts.joined()
    let error = try #require(Self.refusal(feature, retention: 30 * AggregateTests.day), "it should be refused")
    #expect("\(error.message); \(error.remedy)" == example.said)
    #expect(error.offset == parts[0].utf8.count && error.length == parts[1].utf8.count)
  }

  static let table = """
    »cuont» over 1d
      expected a function over rows, not `cuont`; did you mean `count`?
    »avg»(amount) over 1d
      expected a function over rows, not `avg`; did you mean `mean`?
    »median»(amount) over 1d
      expected a function over rows, not `median`; did you mean `quantile(x, 0.5)`?
    »frobnicate»(amount) over 1d
      expected a function over rows, not `frobnicate`; write one of: count, sum, mean, min, max, stddev, \
    distinct, first, last, previous, time_since_last, rate, quantile, decayed_sum, decayed_mean, decayed_count, \
    top, top_share, entropy, speed_kmh, sequence
    »(»amount)
      expected a function over rows, not `(`; write one of: count, sum, mean, min, max, stddev, distinct, first,\
     last, previous, time_since_last, rate, quantile, decayed_sum, decayed_mean, decayed_count, top, top_share, \
    entropy, speed_kmh, sequence
     »»
      expected a function over rows, not the end; write one of: count, sum, mean, min, max, stddev, distinct, \
    first, last, previous, time_since_last, rate, quantile, decayed_sum, decayed_mean, decayed_count, top, \
    top_share, entropy, speed_kmh, sequence
    count »1d»
      expected `over` and the length of the window, not `1d`; write `over` before it
    »count»
      `count` does not say over which rows; add a window: `over 24h` or `over last 10 rows`
    »sum»(amount)
      `sum` does not say over which rows; add a window: `over 24h` or `over last 10 rows`
    sum »over» 1d
      expected `(` and what `sum` reads, not `over`; write sum(x), as in `sum(x) over 1d`
    sum(»)» over 1d
      expected what `sum` reads, not `)`; write sum(x), as in `sum(x) over 1d`
    sum(amount»,» fraud) over 1d
      `sum` reads no more values; write sum(x), as in `sum(x) over 1d`
    sum(amount »over» 1d
      expected `)` after what `sum` reads, not `over`; write `)` before it
    rate»(»amount) over 1h
      `rate` reads no value; write rate, as in `rate over 1h`; `where` says which rows
    count over»»
      expected a duration, not the end; write a duration: a whole number and one of us, ms, s, m, h, d, w, as in\
     24h
    count over »1» d
      expected a duration, not `1`; write a duration: a whole number and one of us, ms, s, m, h, d, w, as in 24h
    count over »0d»
      the window has no length; give it one, as in `over 24h`
    count over »99999999999999999999d»
      expected a duration, not `99999999999999999999d`; write a duration: a whole number and one of us, ms, s, \
    m, h, d, w, as in 24h
    count over 100000000d »delayed 100000000d»
      the delay is 100000000d, but the stage keeps rows for 30d; shorten it, or raise `retention`
    count over last 10»»
      expected `rows` after their number, not the end; write `over last 10 rows`, or `over 24h` for a time
    count over »last 0 rows»
      the window has no rows; give it 1 to 1000000, as in `over last 10 rows`
    count over »last 2000000 rows»
      the window has 2000000 rows; give it 1 to 1000000, as in `over last 10 rows`
    count over last »ten» rows
      expected a number of rows, not `ten`; write how many, as in `over last 10 rows`
    count over last »1.5» rows
      expected a number of rows, not `1.5`; write how many, as in `over last 10 rows`
    count over »10» rows
      `over` is followed by a bare number of rows; write `over last 10 rows`
    count over 1d »over» 2d
      the feature says twice over which rows; leave one of them out
    count over 1d »ovr» 2d
      `ovr` stands where the feature should end; did you mean `over`?
    count over 1d »please»
      `please` stands where the feature should end; remove it; what may follow is: over, resolution, \
    half_life, delayed, \
    excluding, including, left, where, else
    count over 1d »5»
      `5` stands where the feature should end; remove it
    count over 1d »)»
      `)` stands where the feature should end; remove it
    sum(»amont») over 1d
      there is no column `amont`; did you mean `amount`?
    sum(amount + »)» over 1d
      expected a value, not `)`; write a column, a number, a 'text' or a function there
    sum(»risk») over 1d
      `risk` is float64, whose sums depend on the order of their terms; declare it as decimal(places), whose \
    sums are exact, or compute it with round(x, places)
    mean(»fraud * risk») over 1d
      what `mean` reads is float64, whose sums depend on the order of their terms; declare it as \
    decimal(places), whose sums are exact, or compute it with round(x, places)
    stddev(»risk») over 1d
      `risk` is float64, whose sums depend on the order of their terms; declare it as decimal(places), whose \
    sums are exact, or compute it with round(x, places)
    mean(»name») over 1d
      `name` is string, which has no sum; give it numbers
    sum(»at») over 1d
      `at` is timestamp, which has no sum; give it numbers
    min(»name») over 1d
      `name` is string, which has no least or greatest; give it numbers or timestamps
    quantile(»name», 0.5) over 1d
      `name` is string, which has no quantiles; give it numbers
    quantile(amount»)» over 1d
      expected `,` and the fraction of `quantile`, not `)`; write quantile(x, 0.5), as in `quantile(x, 0.95) \
    over 30d`
    quantile(amount, »1.5») over 1d
      `1.5` is no fraction of the rows; write a number from 0 to 1: 0.5 is the median
    quantile(amount, »-0.5») over 1d
      `-0.5` is no fraction of the rows; write a number from 0 to 1: 0.5 is the median
    quantile(amount, »fraud») over 1d
      expected a number from 0 to 1, not `fraud`; write quantile(x, 0.5), as in `quantile(x, 0.95) over 30d`
    decayed_sum(»at») half_life 1h
      `at` is timestamp, which has no sum; give it numbers
    speed_kmh(risk»)» over 1d
      expected `,` and the longitude of `speed_kmh`, not `)`; write speed_kmh(latitude, longitude), as in \
    `speed_kmh(latitude, longitude)`
    speed_kmh(risk, »name») over 1d
      `name` is string, not degrees; give `speed_kmh` a latitude and a longitude, in degrees
    speed_kmh(risk, risk»,» risk)
      `speed_kmh` reads no more values; write speed_kmh(latitude, longitude), as in `speed_kmh(latitude, \
    longitude)`
    count over 1d »half_life 1h»
      `count` does not fade, so it has no half-life; write `decayed_count half_life 1d`, or `over` a window
    mean(amount) »half_life 1h»
      `mean` does not fade, so it has no half-life; write `decayed_mean(x) half_life 1d`, or `over` a window
    decayed_mean(amount) over »1d»
      `decayed_mean` fades and has no window; write `half_life` in place of `over`, as in `decayed_mean(x) \
    half_life 1d`
    »decayed_mean»(amount)
      `decayed_mean` does not say how fast it fades; add its half-life, as in `decayed_mean(x) half_life 1d`
    decayed_count »half_life 0s»
      the half-life is 0; write how long it takes a row to count half, as in `half_life 1d`
    decayed_count »half_life 400000d»
      the half-life is more than a thousand years; write how long it takes a row to count half, as in `half_life\
     1d`
    decayed_count half_life »fast»
      expected a duration, not `fast`; write a duration: a whole number and one of us, ms, s, m, h, d, w, as in \
    24h
    »sequence»(flag)
      the sequence does not say within how long it happens; add the time from its first row to its last, as in \
    `over 1h`
    sequence »over» 1h
      expected `(` and the conditions of `sequence`, not `over`; write sequence(amount < 2 then amount > 100), \
    as in `sequence(3 times amount < 2 then amount > 100) over 1h`
    sequence(flag then »amount») over 1h
      `amount` is decimal(2), not true or false; write a comparison
    sequence(»0» times flag) over 1h
      a condition is to hold 0 times; let it hold once or more
    sequence(»65» times flag) over 1h
      the sequence is longer than 64 rows; let conditions hold less often, or count them: `count over 1h where \
    ...`
    sequence(40 times flag then »30» times not flag) over 1h
      the sequence is longer than 64 rows; let conditions hold less often, or count them: `count over 1h where \
    ...`
    sequence(»1.5» times flag) over 1h
      expected how often the condition holds, not `1.5`; write a whole number, as in `3 times amount < 2`
    sequence(flag»,» flag) over 1h
      `sequence` reads no more values; write sequence(amount < 2 then amount > 100), as in `sequence(3 times \
    amount < 2 then amount > 100) over 1h`
    sequence(flag then»)» over 1h
      expected a value, not `)`; write a column, a number, a 'text' or a function there
    sequence(flag) over »last 3 rows»
      `sequence` happens within a time, not a number of rows; write `over` with a duration, as in `over 1h`
    sequence(flag) over 1h »excluding this row»
      a sequence ends with this row; leave this out
    sequence(flag) over 1h »delayed 1s»
      a sequence ends with this row; leave this out
    sequence(flag) over 1h »left closed»
      a sequence ends with this row; leave this out
    rate over »last 5 rows»
      `rate` is rows per second of the window's time; write `over` with a duration, as in `over 1h`
    previous(amount) over »last 5 rows»
      `previous` looks at one row; write `over` with a duration, as in `over 1h`
    previous(amount) »including this row»
      `previous` looks at a row before this one; write `last` for this row's own value
    speed_kmh(risk, risk) »including this row»
      `speed_kmh` looks at a row before this one; leave this out
    time_since_last »delayed 0s»
      `time_since_last` looks at a row before this one; leave this out
    time_since_last where »flag»
      `time_since_last` looks at the row before this one, whatever it holds; leave it out; the time of the \
    last such row is `max(time) over 30d excluding this row where ...`
    count over 1d delayed 1d »excluding ties»
      `excluding ties` and `delayed` both say where the window ends; keep `delayed`: a window that ends before \
    this row does not hold it
    count over 1d excluding this row »excluding» ties
      the feature says twice which row is its newest; leave one of them out
    count over 1d excluding »it»
      expected `this row` or `ties` after `excluding`, not `it`; write one of: including this row, excluding \
    this row, excluding ties
    count over 1d excluding»»
      expected `this row` or `ties` after `excluding`, not the end; write one of: including this row, excluding \
    this row, excluding ties
    count over 1d left»»
      expected `closed` or `open` after `left`, not the end; write `left closed` or `left open`
    count over last 5 rows »left closed»
      `left closed` is about a window's length of time, which is not given; leave it out, or write `over` with a\
     duration
    previous(amount) »left closed»
      `left closed` is about a window's length of time, which is not given; leave it out, or write `over` with a\
     duration
    count over »1us» excluding ties
      the window of 1us holds no time but the one excluded; make it longer
    count over »31d»
      the window reaches 31d back, but the stage keeps rows for 30d; shorten it, or raise `retention` to 31d
    count over »20d» delayed 20d
      the window reaches 40d back, but the stage keeps rows for 30d; shorten it, or raise `retention` to 40d
    count over last 5 rows »delayed 40d»
      the delay is 40d, but the stage keeps rows for 30d; shorten it, or raise `retention`
    count over 1d where »fraud»
      `where` reads int64, not true or false; write a comparison
    count over 1d where»»
      expected a value, not the end; write a column, a number, a 'text' or a function there
    count over 1d where flag »where» flag
      `where` stands behind `where`; put `where` last, before `else` alone
    count over 1d where flag »over» 1d
      `over` stands behind `where`; put `where` last, before `else` alone
    count over 1d where flag else »0»
      a count is 0 where there are no rows; remove the `else`
    sum(fraud) over 1d else»»
      expected a number after `else`, not the end; write what an empty window gives, as in `else 0`
    sum(fraud) over 1d else »x»
      expected a number after `else`, not `x`; write what an empty window gives, as in `else 0`
    sum(fraud) over 1d else »1.5»
      `1.5` has more decimal places than the int64 of `sum`; write a whole number
    sum(fraud) over 1d else »99999999999999999999»
      `99999999999999999999` is no number for it; write a number of type int64, as in `else 0`
    sum(amount) over 1d else »1.234»
      `1.234` has more decimal places than the decimal(2) of `sum`; write at most 2 places
    min(at) over 1d else »0»
      `else` gives a number, but `min` is timestamp here; leave `else` out, and fill the feature where it is \
    used: coalesce(feature, ...)
    last(name) over 1d else »0»
      `else` gives a number, but `last` is string here; leave `else` out, and fill the feature where it is used:\
     coalesce(feature, ...)
    last(flag) over 1d else »0»
      `else` gives a number, but `last` is bool here; leave `else` out, and fill the feature where it is used: \
    coalesce(feature, ...)
    sum(fraud) over 1d else 1 »else» 2
      the feature says twice what an empty window gives; leave one of them out
    sequence(flag) over 1h else »0»
      a sequence is false where there are no rows; remove the `else`
    rate over 1h else »0»
      `rate` is 0 where there are no rows; remove the `else`
    mean(fraud) over 1d else »1e999»
      `1e999` is no number for it; write a number of type float64, as in `else 0`
    top(name) over 1d »resolution 1h»
      `top` needs the rows of the window, and with `resolution` they are not kept; leave `resolution` out; the \
    functions that take it are count, sum, mean, stddev, min, max, rate, distinct
    previous(amount) over 1d »resolution 1h»
      `previous` needs the rows of the window, and with `resolution` they are not kept; leave `resolution` out; \
    the functions that take it are count, sum, mean, stddev, min, max, rate, distinct
    count over last 5 rows »resolution 1h»
      `resolution` cuts time, and the window is a number of rows; leave it out, or write `over` with a duration
    count over 1d »resolution 10ms»
      the resolution is 10ms; write 1s or more, as in `resolution 1h`, or leave it out
    count over 1d »resolution 0s»
      the resolution is 0s; write 1s or more, as in `resolution 1h`, or leave it out
    count over 1d resolution»»
      expected a duration, not the end; write a duration: a whole number and one of us, ms, s, m, h, d, w, as in\
     24h
    count over 1d resolution 1h »resolution» 1h
      the feature says twice its resolution; leave one of them out
    count over »25h» resolution 2h
      the window of 25h is no whole number of times 2h; write `over 1d` or `over 26h`, or another `resolution`
    count over »1h» resolution 2h
      the window of 1h is no whole number of times 2h; write `over 2h`, or another `resolution`
    count over 1d »excluding ties» resolution 1h
      with `resolution` rows of one time are not told from those before them; write `excluding this row`, or \
    leave `resolution` out
    count over 1d resolution 1h »left closed»
      `left closed` is about a row of exactly the window's age, and with `resolution` the window begins where a \
    cell does; leave it out
    distinct(name, exact 10) over 1d »delayed 1h» resolution 1h
      `distinct` with a `resolution` counts up to this row; leave `delayed` out, or `resolution`
    »distinct»(name) over 1d resolution 1h
      `distinct` does not say up to how many values it is exact; write it, as in `distinct(x, exact 1000)`; more \
    are estimated
    distinct(name, exact »10») over 1d
      without `resolution` any number of values is counted exactly; write `distinct(x)`, or add a `resolution`
    distinct(name, exact »0») over 1d resolution 1h
      `exact` is 0; write 1 to 100000: so many values are kept of each key
    distinct(name, exact »100001») over 1d resolution 1h
      `exact` is 100001; write 1 to 100000: so many values are kept of each key
    distinct(name, exact»)» over 1d resolution 1h
      expected a number of values after `exact`, not `)`; write up to how many values it is exact, as in \
    `distinct(x, exact 1000)`
    distinct(name»,» 10) over 1d
      `distinct` reads no more values; write distinct(x), as in `distinct(x) over 1d`
    sum(name»,» exact 10) over 1d resolution 1h
      `sum` reads no more values; write sum(x), as in `sum(x) over 1d`
    sum(»null») over 1d
      `null` is no value to compute with; ask `x is null`, or fill x with `coalesce(x, 0)`
    first(»null») over 1d
      `null` is no value to compute with; ask `x is null`, or fill x with `coalesce(x, 0)`
    """
}
