/**
 * What each field, variable and function of the expression language means: English, Russian, unit. A test holds that
 * none is missing and none is too many.
 */
export interface Description {
  readonly en: string;
  readonly ru: string;
  readonly unit: string | null;
}

type Row = readonly [en: string, ru: string, unit?: string];

const KZT = 'KZT';

/** By type, then by field. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Row>>>> = {
  Duty: {
    kind: ['Kind of payment: duty, excise, VAT, fee', 'Вид платежа: пошлина, акциз, НДС, сбор'],
    rate: ['Rate', 'Ставка', '%'],
    amount: ['Amount', 'Сумма', KZT],
  },
  Package: {
    kind: ['Kind of packages', 'Вид упаковки'],
    count: ['Number of packages', 'Число мест'],
    marks: ['Marks and numbers', 'Маркировка'],
  },
  PreviousDocument: {
    code: ['Kind of the previous document', 'Вид предшествующего документа'],
    number: ['Number of the previous document', 'Номер предшествующего документа'],
  },
  Item: {
    no: ['Number of the item, from 1', 'Номер товара, с 1'],
    hsCode: ['Commodity code, ten digits', 'Код ТН ВЭД, десять цифр'],
    description: ['Description of the goods', 'Описание товара'],
    brand: ['Trade mark', 'Товарный знак'],
    manufacturer: ['Manufacturer', 'Изготовитель'],
    originCountry: ['Country of origin', 'Страна происхождения'],
    preference: ['Preference that is claimed', 'Заявленная преференция'],
    grossMassKg: ['Gross mass', 'Масса брутто', 'kg'],
    netMassKg: ['Net mass', 'Масса нетто', 'kg'],
    suppQuantity: ['Quantity in the supplementary unit', 'Количество в дополнительных единицах'],
    suppUnit: ['Supplementary unit', 'Дополнительная единица'],
    packages: ['Packages', 'Упаковки'],
    invoicePrice: ['Price by the invoice', 'Цена по счёту', KZT],
    customsValue: ['Customs value', 'Таможенная стоимость', KZT],
    statisticalValueUsd: ['Statistical value', 'Статистическая стоимость', 'USD'],
    valuationMethod: ['Method of valuation, 1 to 6', 'Метод определения стоимости, 1–6'],
    duties: ['Payments', 'Платежи'],
    previousDocuments: ['Previous documents', 'Предшествующие документы'],
  },
  DeclaredParty: {
    role: ['Role in the declaration', 'Роль в декларации'],
    id: ['Identification number', 'Идентификационный номер'],
    name: ['Name', 'Наименование'],
    country: ['Country', 'Страна'],
  },
  TransportMeans: {
    id: ['Registration of the vehicle', 'Номер транспортного средства'],
    nationality: ['Country of registration', 'Страна регистрации'],
  },
  Transport: {
    modeAtBorder: ['Mode of transport at the border', 'Вид транспорта на границе'],
    modeInland: ['Mode of transport inland', 'Вид транспорта внутри страны'],
    means: ['Vehicles', 'Транспортные средства'],
    containers: ['Numbers of containers', 'Номера контейнеров'],
  },
  Document: {
    code: ['Kind of the document', 'Вид документа'],
    number: ['Number of the document', 'Номер документа'],
    issuedAt: ['Date of issue', 'Дата выдачи'],
    validUntil: ['Valid until', 'Действует до'],
  },
  Guarantee: {
    type: ['Kind of guarantee', 'Вид обеспечения'],
    reference: ['Reference of the guarantee', 'Номер обеспечения'],
    amount: ['Amount of the guarantee', 'Сумма обеспечения', KZT],
  },
  Transit: {
    mrn: ['Registration number of the transit', 'Регистрационный номер транзита'],
    officeOfDeparture: ['Office of departure', 'Таможня отправления'],
    officesOfTransit: ['Offices of transit', 'Транзитные таможни'],
    officeOfDestination: ['Office of destination', 'Таможня назначения'],
    itinerary: ['Countries and places of the route', 'Страны и пункты маршрута'],
    seals: ['Seals', 'Пломбы'],
    timeLimit: ['Time limit of the transit', 'Срок транзита'],
    guarantee: ['Guarantee', 'Обеспечение'],
    documentType: ['Kind of transit document', 'Вид транзитного документа'],
  },
  Declaration: {
    id: ['Number of the declaration', 'Номер декларации'],
    version: ['Version of the declaration, from 1', 'Версия декларации, с 1'],
    regNo: ['Registration number', 'Регистрационный номер'],
    regime: ['Regime: import, export, transit', 'Направление: импорт, экспорт, транзит'],
    procedure: ['Customs procedure', 'Таможенная процедура'],
    previousProcedure: ['Previous procedure', 'Предшествующая процедура'],
    office: ['Customs office', 'Таможенный орган'],
    lodgedAt: ['When it was lodged', 'Когда подана'],
    currency: ['Currency of the invoice', 'Валюта счёта'],
    exchangeRate: ['Exchange rate to KZT', 'Курс к тенге'],
    invoiceTotal: ['Total of the invoice', 'Сумма по счёту', KZT],
    customsValueTotal: ['Customs value of all items', 'Таможенная стоимость всех товаров', KZT],
    dispatchCountry: ['Country of dispatch', 'Страна отправления'],
    destinationCountry: ['Country of destination', 'Страна назначения'],
    tradingCountry: ['Trading country', 'Торгующая страна'],
    incoterms: ['Terms of delivery', 'Условия поставки'],
    transactionNature: ['Nature of the transaction', 'Характер сделки'],
    transport: ['Transport', 'Транспорт'],
    parties: ['Parties, as declared', 'Лица, как заявлено'],
    items: ['Items', 'Товары'],
    documents: ['Documents', 'Документы'],
    transit: ['Transit', 'Транзит'],
  },
  Window: {
    count: ['Declarations in the window', 'Деклараций за период'],
    value: ['Customs value in the window', 'Таможенная стоимость за период', KZT],
  },
  Trader: {
    id: ['Identification number of the trader', 'Идентификационный номер участника'],
    category: ['Category of the trader: low, medium, high', 'Категория участника: low, medium, high'],
    known: ['Whether anything is known of it', 'Известен ли участник'],
    authorisedOperator: ['Authorised economic operator', 'Уполномоченный экономический оператор'],
    openViolations: ['Open violations', 'Незакрытые нарушения'],
    arrears: ['Arrears', 'Задолженность', KZT],
    firstSeenAt: ['When it was first seen', 'Когда замечен впервые'],
    d1: ['Last day', 'За сутки'],
    d7: ['Last 7 days', 'За 7 дней'],
    d30: ['Last 30 days', 'За 30 дней'],
    d90: ['Last 90 days', 'За 90 дней'],
  },
  Party: {
    role: ['Role in the declaration', 'Роль в декларации'],
    id: ['Identification number', 'Идентификационный номер'],
    name: ['Name', 'Наименование'],
    country: ['Country', 'Страна'],
    category: ['Category: low, medium, high', 'Категория: low, medium, high'],
    known: ['Whether anything is known of it', 'Известно ли лицо'],
    authorisedOperator: ['Authorised economic operator', 'Уполномоченный экономический оператор'],
    openViolations: ['Open violations', 'Незакрытые нарушения'],
    arrears: ['Arrears', 'Задолженность', KZT],
  },
  Parties: {
    declarant: ['Declarant', 'Декларант'],
    importer: ['Importer', 'Импортёр'],
    exporter: ['Exporter', 'Экспортёр'],
    consignor: ['Consignor', 'Отправитель'],
    consignee: ['Consignee', 'Получатель'],
    carrier: ['Carrier', 'Перевозчик'],
    principal: ['Holder of the transit procedure', 'Держатель транзитной процедуры'],
    guarantor: ['Guarantor', 'Гарант'],
    broker: ['Customs broker', 'Таможенный представитель'],
    warehouse: ['Warehouse keeper', 'Владелец склада'],
    manufacturer: ['Manufacturer', 'Изготовитель'],
  },
  Quantiles: {
    n: ['Observations in twelve months', 'Наблюдений за двенадцать месяцев'],
    p05: ['5 % are below', '5 % ниже', 'KZT/kg'],
    p25: ['A quarter is below', 'Четверть ниже', 'KZT/kg'],
    p50: ['Median', 'Медиана', 'KZT/kg'],
    p75: ['Three quarters are below', 'Три четверти ниже', 'KZT/kg'],
    p95: ['95 % are below', '95 % ниже', 'KZT/kg'],
  },
};

const VARIABLES: Readonly<Record<string, Row>> = {
  declaration: ['The declaration', 'Декларация'],
  item: ['The item that is looked at', 'Рассматриваемый товар'],
  trader: ['The trader whose declaration it is, with its category and history', 'Участник, его категория и история'],
  parties: ['Parties by their roles, with what is known of them', 'Лица по ролям и что о них известно'],
  now: ['When the declaration was received', 'Когда декларация получена'],
};

const FUNCTIONS: Readonly<Record<string, Row>> = {
  'stats.valuePerKg': [
    'What the same goods of the same origin cost per kg in twelve months',
    'Стоимость кг тех же товаров того же происхождения за двенадцать месяцев',
  ],
  hasDocument: ['Whether the declaration names a document of this kind', 'Указан ли документ этого вида'],
  duty: ['Payment of one kind for an item', 'Платёж одного вида по товару', KZT],
  totalDuties: ['All payments of the declaration', 'Все платежи по декларации', KZT],
  sum: ['Sum of numbers', 'Сумма чисел'],
  list: ['Keys of a list that hold today, behind "in"', 'Действующие ключи перечня, после «in»'],
  listed: ['Whether a list has a row with these keys', 'Есть ли в перечне строка с этими ключами'],
  lookup: ['A column of the row with these keys', 'Графа строки с этими ключами'],
  mentions: ['Whether a phrase of the list occurs in the text', 'Встречается ли в тексте выражение из перечня'],
};

/** Type → fields that are described. */
export const DESCRIBED: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  Object.entries(FIELDS).map(([type, fields]) => [type, Object.keys(fields)]),
);

const described = (row: Row | undefined): Description | null =>
  row === undefined ? null : { en: row[0], ru: row[1], unit: row[2] ?? null };

export function describeField(type: string, field: string): Description | null {
  return described(FIELDS[type]?.[field]);
}

export function describeVariable(name: string): Description | null {
  return described(VARIABLES[name]);
}

export function describeFunction(name: string): Description | null {
  return described(FUNCTIONS[name]);
}
