import Dataflow
import Foundation
import Records
import SourceStage
import TestSupport
import Testing

/// Files in the shapes of the field's public data sets, each with its declaration. The rows are made up.
@Suite struct FieldDataTests {
  /// A file, what a pipeline says of it, and the rows that this gives.
  struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let source: String
    let csv: String
    let rows: [[Value]]
  }

  static let samples = [
    // Seconds since the first row of the data, some of them in scientific notation; labels in quotes.
    Sample(
      testDescription: "creditcard.csv",
      source: """
        time: at
        columns:
          at: {type: timestamp, column: Time, step: 1s, since: '2013-09-01'}
          seconds: {type: int64, column: Time, format: number}
          v1: float64
          amount: decimal(2)
          fraud: {type: int64, column: Class}
        """,
      csv: """
        "Time","V1","V2","Amount","Class"
        0,-1.3598071336738,-0.0727811733098497,149.62,"0"
        1,1.19185711131486,0.26615071205963,2.69,"0"
        1e+05,-0.9,1.1e-05,0,"1"
        1.72792e+05,-0.533412522000000,0.189733337,217,"0"

        """,
      rows: [
        [.time("2013-09-01 00:00:00"), .int(0), .float(-1.3598071336738), .int(14962), .int(0)],
        [.time("2013-09-01 00:00:01"), .int(1), .float(1.19185711131486), .int(269), .int(0)],
        [.time("2013-09-02 03:46:40"), .int(100_000), .float(-0.9), .int(0), .int(1)],
        [.time("2013-09-02 23:59:52"), .int(172_792), .float(-0.533412522), .int(21700), .int(0)],
      ]
    ),
    // Values in literal quotes, ages that are no numbers, days as steps.
    Sample(
      testDescription: "BankSim",
      source: """
        time: at
        columns:
          at: {type: timestamp, column: step, step: 1d, since: '2012-11-01'}
          customer: {type: string, unquote: true}
          age: {type: int64?, unquote: true, null: [U]}
          gender: {type: string, unquote: true, one_of: [M, F, E, U]}
          zip: {type: string, column: zipcodeOri, unquote: true}
          category: {type: string, unquote: true}
          raw_category: {type: string, column: category}
          amount: decimal(2)
          fraud: bool
        """,
      csv: """
        step,customer,age,gender,zipcodeOri,merchant,zipMerchant,category,amount,fraud
        0,'C1000000001','4','M','28007','M100000001','28007','es_transportation',4.55,0
        0,'C1000000002','U','E','28007','M100000002','28007','es_health',39.68,1
        179,'C1000000003','2','F','28007','M100000001','28007','es_transportation',26.890,0

        """,
      rows: [
        [
          .time("2012-11-01"), .text("C1000000001"), .int(4), .text("M"), .text("28007"), .text("es_transportation"),
          .text("'es_transportation'"), .int(455), .bool(false),
        ],
        [
          .time("2012-11-01"), .text("C1000000002"), .null, .text("E"), .text("28007"), .text("es_health"),
          .text("'es_health'"), .int(3968), .bool(true),
        ],
        [
          .time("2013-04-29"), .text("C1000000003"), .int(2), .text("F"), .text("28007"), .text("es_transportation"),
          .text("'es_transportation'"), .int(2689), .bool(false),
        ],
      ]
    ),
    // Year, month, day and time apart, amounts with a currency sign, whole numbers with a point, names of 19 digits.
    Sample(
      testDescription: "IBM synthetic cards",
      source: """
        time: at
        columns:
          user: int64
          at: {type: timestamp, from: [Year, Month, Day, Time], format: 'YYYY-MM-DD HH:MM'}
          year: int64
          amount: {type: decimal(2), column: Amount, format: money}
          chip: {type: string, column: Use Chip}
          merchant: {type: int64, column: Merchant Name}
          zip: {type: int64?, column: Zip, format: number}
          errors: {type: string?, column: Errors?}
          fraud: {type: bool, column: Is Fraud?, format: yes_no}
        """,
      csv: """
        User,Card,Year,Month,Day,Time,Amount,Use Chip,Merchant Name,Merchant City,Merchant State,Zip,MCC,Errors?,Is Fraud?
        0,0,2002,9,1,06:21,$134.09,Swipe Transaction,3527213246127876000,Somewhere,CA,91750.0,5300,,No
        0,0,2002,9,1,06:42,$-99.00,Online Transaction,-4282466774399734000,ONLINE,,,4784,"Bad PIN,Insufficient Balance",Yes
        1,2,2020,2,29,23:59,"-$12,345.60",Chip Transaction,-9223372036854775808,Elsewhere,Italy,,5812,,No
        1,2,2020,12,31,0:00,"$1,234.50",Chip Transaction,9223372036854775807,Elsewhere,NY,10001.0,5812,,no

        """,
      rows: [
        [
          .int(0), .time("2002-09-01 06:21"), .int(2002), .int(13409), .text("Swipe Transaction"),
          .int(3_527_213_246_127_876_000), .int(91750), .null, .bool(false),
        ],
        [
          .int(0), .time("2002-09-01 06:42"), .int(2002), .int(-9900), .text("Online Transaction"),
          .int(-4_282_466_774_399_734_000), .null, .text("Bad PIN,Insufficient Balance"), .bool(true),
        ],
        [
          .int(1), .time("2020-02-29 23:59"), .int(2020), .int(-1_234_560), .text("Chip Transaction"), .int(.min),
          .null, .null, .bool(false),
        ],
        [
          .int(1), .time("2020-12-31 00:00"), .int(2020), .int(123_450), .text("Chip Transaction"), .int(.max),
          .int(10001), .null, .bool(false),
        ],
      ]
    ),
    // Two columns of one name, and slashes in the time.
    Sample(
      testDescription: "IBM money laundering",
      source: """
        time: at
        columns:
          at: {type: timestamp, column: Timestamp, format: 'YYYY/MM/DD HH:MM'}
          from_bank: {type: string, column: From Bank}
          from_account: {type: string, column: Account, occurrence: 1}
          to_account: {type: string, column: account, occurrence: 2}
          amount: {type: decimal(6), column: Amount Paid}
          laundering: {type: bool, column: Is Laundering}
        """,
      csv: """
        Timestamp,From Bank,Account,To Bank,Account,Amount Received,Receiving Currency,Amount Paid,Payment Currency,\
        Payment Format,Is Laundering
        2022/09/01 00:20,010,8000A0000,010,8000B0000,3697.34,US Dollar,3697.34,US Dollar,Reinvestment,0
        2022/09/01 00:21,03208,8000C0000,001,8000D0000,0.000026,Bitcoin,0.000026,Bitcoin,Bitcoin,1

        """,
      rows: [
        [
          .time("2022-09-01 00:20"), .text("010"), .text("8000A0000"), .text("8000B0000"), .int(3_697_340_000),
          .bool(false),
        ],
        [.time("2022-09-01 00:21"), .text("03208"), .text("8000C0000"), .text("8000D0000"), .int(26), .bool(true)],
      ]
    ),
    // Steps of an hour, beside the step itself.
    Sample(
      testDescription: "PaySim",
      source: """
        time: at
        columns:
          step: {type: int64, min: 1, max: 744}
          at: {type: timestamp, column: step, step: 1h, since: '2017-01-01'}
          type: {type: string, one_of: [CASH_IN, CASH_OUT, DEBIT, PAYMENT, TRANSFER]}
          amount: decimal(2)
          origin: {type: string, column: nameOrig}
          is_fraud: {type: bool, column: isFraud}
        """,
      csv: """
        step,type,amount,nameOrig,oldbalanceOrg,newbalanceOrig,nameDest,oldbalanceDest,newbalanceDest,isFraud,isFlaggedFraud
        1,PAYMENT,9839.64,C1,170136.0,160296.36,M1,0.0,0.0,0,0
        1,TRANSFER,181.0,C2,181.0,0.0,C3,0.0,0.0,1,0
        744,CASH_OUT,1.0E7,C4,10000000.0,0.0,C5,0.0,0.0,1,0

        """,
      rows: [
        [.int(1), .time("2017-01-01 01:00"), .text("PAYMENT"), .int(983_964), .text("C1"), .bool(false)],
        [.int(1), .time("2017-01-01 01:00"), .text("TRANSFER"), .int(18100), .text("C2"), .bool(true)],
        [.int(744), .time("2017-02-01 00:00"), .text("CASH_OUT"), .int(1_000_000_000), .text("C4"), .bool(true)],
      ]
    ),
    // A first column without a name, card numbers of up to 19 digits, the time twice.
    Sample(
      testDescription: "Sparkov",
      source: """
        time: at
        columns:
          at: {type: timestamp, column: trans_date_trans_time}
          cc_num: int64
          card: {type: string, column: cc_num}
          merchant: string
          amt: decimal(2)
          unix_time: {type: timestamp, format: unix_seconds}
          is_fraud: int64
        """,
      csv: """
        ,trans_date_trans_time,cc_num,merchant,category,amt,unix_time,is_fraud
        0,2019-01-01 00:00:18,2703186189652000,"fraud_One, Two and Three",misc_net,4.97,1325376018,0
        1,2019-01-01 00:00:44,4992346398065150000,fraud_Four,grocery_pos,107.23,1325376044,1

        """,
      rows: [
        [
          .time("2019-01-01 00:00:18"), .int(2_703_186_189_652_000), .text("2703186189652000"),
          .text("fraud_One, Two and Three"), .int(497), .time("2012-01-01 00:00:18"), .int(0),
        ],
        [
          .time("2019-01-01 00:00:44"), .int(4_992_346_398_065_150_000), .text("4992346398065150000"),
          .text("fraud_Four"), .int(10723), .time("2012-01-01 00:00:44"), .int(1),
        ],
      ]
    ),
    // What else times look like, and labels that are words.
    Sample(
      testDescription: "many times",
      source: """
        time: millis
        columns:
          millis: {type: timestamp, format: unix_milliseconds}
          micros: {type: timestamp, format: unix_microseconds}
          seconds: {type: timestamp, format: unix_seconds}
          german: {type: timestamp, format: 'DD.MM.YYYY HH:MM:SS'}
          american: {type: timestamp?, format: 'MM/DD/YYYY HH:MM AM', null: ['-']}
          compact: {type: timestamp, format: YYYYMMDDHHMMSS}
          named: {type: timestamp, format: DD-MON-YY}
          day: {type: timestamp, column: day, format: dd/mm/yyyy}
          label: {type: bool, true: [Fraud, chargeback], false: [Legit, '-']}
        """,
      csv: """
        millis,micros,seconds,german,american,compact,named,day,label
        1583020799123,1583020799123456,1583020799.5,29.02.2020 23:59:59,2/29/2020 11:59 PM,20200229235959,29-Feb-20,\
        29/02/2020,FRAUD
        1.583020799124E12,-1,-0.25,1.3.2020 0:00:00,-,20200301000000,01-MAR-99,1/3/2020,-

        """,
      rows: [
        [
          .time("2020-02-29 23:59:59.123"), .time("2020-02-29 23:59:59.123456"), .time("2020-02-29 23:59:59.5"),
          .time("2020-02-29 23:59:59"), .time("2020-02-29 23:59"), .time("2020-02-29 23:59:59"), .time("2020-02-29"),
          .time("2020-02-29"), .bool(true),
        ],
        [
          .time("2020-02-29 23:59:59.124"), .int(-1), .int(-250_000), .time("2020-03-01"), .null, .time("2020-03-01"),
          .time("1999-03-01"), .time("2020-03-01"), .bool(false),
        ],
      ]
    ),
  ]

  @Test(arguments: samples)
  func aFileOfTheFieldIsRead(sample: Sample) throws {
    let run = try DeclaredSource.run(sample.source, csv: sample.csv)
    #expect(run.letters.isEmpty && run.rows.map(\.values) == sample.rows, "\(run.letters)")
  }

  /// The same declarations hold for JSON, in files and messages: every field of the file as a text.
  @Test(arguments: samples)
  func itsRowsAsJSONAreTheSame(sample: Sample) throws {
    let lines = try Self.fields(sample.csv)
    let objects = lines.dropFirst().map { row in
      "{" + zip(lines[0], row).map { "\(Self.json($0)):\($1.isEmpty ? "null" : Self.json($1))" }.joined(separator: ",")
        + "}"
    }
    let file = try DeclaredSource.run(sample.source, jsonl: objects.joined(separator: "\n"))
    #expect(file.letters.isEmpty && file.rows.map(\.values) == sample.rows, "\(file.letters)")
    let messages = try DeclaredSource.run(sample.source, messages: objects, format: "json")
    #expect(messages.letters.isEmpty && messages.rows.map(\.values) == sample.rows, "\(messages.letters)")
  }

  /// Messages of CSV have no header: their fields are what the columns name, in that order, each once.
  @Test(arguments: samples)
  func itsRowsAsMessagesOfCSVAreTheSame(sample: Sample) throws {
    let lines = try Self.fields(sample.csv)
    let plan = try DeclaredSource(sample.source, header: lines[0].map(Self.csv).joined(separator: ",")).plan
    var inputs: [InputColumn] = []
    for input in plan.shape.readings.flatMap(\.inputs)
    where !inputs.contains(where: {
      $0.name.lowercased() == input.name.lowercased() && $0.occurrence == input.occurrence
    }) {
      inputs.append(input)
    }
    let order = try inputs.map { input in
      let fields = lines[0].indices.filter { lines[0][$0].lowercased() == input.name.lowercased() }
      return try #require(fields.dropFirst((input.occurrence ?? 1) - 1).first)
    }
    let messages = lines.dropFirst().map { row in order.map { Self.csv(row[$0]) }.joined(separator: ",") }
    let run = try DeclaredSource.run(sample.source, messages: messages, format: "csv")
    #expect(run.letters.isEmpty && run.rows.map(\.values) == sample.rows, "\(run.letters)")
  }

  /// Workers that pass over the rows of others see the same times in them as those who read them.
  @Test(arguments: samples)
  func severalWorkersReadTheSame(sample: Sample) throws {
    let header = String(sample.csv.split(separator: "\n")[0])
    let plan = try DeclaredSource(sample.source, header: header).plan
    let lines = sample.csv.split(separator: "\n").dropFirst()
    // Again and again, so that most rows are late, and with rows that nobody can read.
    let csv = ([header[...]] + Array(repeating: lines + [lines[lines.startIndex].prefix(12)], count: 8).joined())
      .joined(separator: "\n")
    let alone = try SourceRun(plan, Array(csv.utf8))
    let parts = try (0..<3).map { worker in
      try SourceRun(plan.small.share(worker, of: 3), Array(csv.utf8))
    }
    #expect(parts.flatMap(\.rows).sorted { $0.ordinal < $1.ordinal } == alone.rows)
    #expect(parts.flatMap(\.letters).sorted { $0.line < $1.line } == alone.letters)
    #expect(parts.reduce(0) { $0 + $1.counters.late } == alone.counters.late)
  }

  /// The fields of a small CSV file without line ends in quotes.
  static func fields(_ csv: String) throws -> [[String]] {
    csv.split(separator: "\n").map { line in
      var fields = [""]
      var isQuoted = false
      for character in line {
        switch character {
        case "\"": isQuoted.toggle()
        case "," where !isQuoted: fields.append("")
        default: fields[fields.count - 1].append(character)
        }
      }
      return fields
    }
  }

  static func json(_ text: String) -> String { "\"\(text)\"" }
  static func csv(_ text: String) -> String { text.contains(",") ? "\"\(text)\"" : text }
}

extension SourcePlan {
  /// The same plan with blocks of two records.
  var small: SourcePlan {
    SourcePlan(
      schema: schema,
      readings: shape.readings,
      timeColumn: timeColumn,
      source: source,
      input: input,
      format: format,
      blockRecords: 2
    )
  }
}
