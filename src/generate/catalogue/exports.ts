/** What Kazakhstan exports; the countries are destinations. Columns as in catalogue.ts. */
export const EXPORTS = `
1001190000|1.0|0.27|0.12|66000|1.00|-|UZ*4 TJ*3 AF*3@1.05 IT@1.1 TR*2|-|Durum wheat in bulk, 3rd class
1001990000|1.6|0.23|0.12|68000|1.00|-|UZ*6 TJ*4 AF*4@1.05 IR*2@1.02 KG*2 CN*2@1.03|-|Soft wheat in bulk, gluten 27 %
1003900000|0.7|0.20|0.13|66000|1.00|-|IR*5 CN*4@1.05 UZ*2|-|Feed barley in bulk
1101001500|1.3|0.34|0.12|60000|1.01|-|AF*7 UZ*3@.95 TJ*3@.96|-|Wheat flour, first grade, in 50 kg bags
1204009000|0.6|0.55|0.15|60000|1.01|-|CN*5 BE*2@1.1 AF*2|-|Linseed in bulk
1206009900|0.5|0.46|0.14|60000|1.01|-|CN*4 UZ*4 TR*2@1.05|-|Sunflower seeds
1512191000|0.5|1.02|0.10|44000|1.02|-|CN*5 UZ*4 TJ*3 AF*2|-|Sunflower oil, crude, in flexitanks
0201300004|0.3|5.40|0.14|18000|1.04|-|UZ*4 CN*2@1.1 AE*3@1.15|-|Boneless beef, chilled
0204100000|0.3|5.00|0.14|12000|1.04|-|IR*4 AE*4@1.1 JO*2@1.1|-|Lamb carcasses, chilled
0409000000|0.2|4.20|0.25|9000|1.08|-|CN*4 DE@1.2 AE*2@1.1|-|Natural honey in drums
2603000000|0.3|1.90|0.12|64000|1.00|-|CN*9 UZ|-|Copper ores and concentrates
2709009009|0.3|0.52|0.07|900000|1.00|-|CN*3 IT*5@1.05 NL*2@1.05|-|Crude oil
2711131000|0.4|0.42|0.12|40000|1.00|-|TJ*4 AF*3@1.1 PL*2@1.2|-|Liquefied petroleum gases, propane-butane
2503009000|0.3|0.09|0.15|68000|1.00|-|CN*4 MA*4@1.1|-|Sulphur in granules
2844101000|0.1|98.0|0.08|20000|1.15|-|CN*5 FR*4 CA*2@1.01|-|Natural uranium concentrate
2804700010|0.2|3.10|0.14|40000|1.05|-|DE*4 PL*3 CZ*2|-|Yellow phosphorus
3105300000|0.2|0.48|0.14|60000|1.01|-|UZ*4 BR*2@1.1 BG*2|-|Diammonium hydrogenorthophosphate
5101110000|0.3|2.10|0.22|18000|1.02|-|CN*7 IN*3@1.05|-|Greasy shorn wool in bales
4101501000|0.2|0.85|0.22|20000|1.02|-|CN*6 TR*2@1.1 IT*2@1.2|-|Raw hides of bovine animals, wet-salted
5201009000|0.4|1.70|0.10|44000|1.01|-|CN*5 LV*2 TR*3@1.05|-|Cotton lint, not carded
7108120009|0.1|98000|0.03|12|1.10|gr163:.001|CH*4 AE*3|-|Gold, unwrought, bars
7106910009|0.1|950|0.05|900|1.05|gr163:.001|GB*5 AE*3|-|Silver, unwrought, bars
7202410000|0.5|1.55|0.12|64000|1.01|-|CN*7 JP*3@1.05 KR*2@1.04|-|Ferrochromium, carbon over 6 %
7202300000|0.3|1.05|0.12|64000|1.01|-|JP*3@1.05 TR*3 UZ*2|-|Ferrosilicomanganese
7204490000|0.4|0.31|0.14|62000|1.00|-|UZ*5 CN*3 TR*2|-|Ferrous scrap, shredded
7208270000|0.4|0.66|0.10|60000|1.01|-|UZ*5 IR*3 AZ*2|-|Hot-rolled steel coils
7210410000|0.3|0.92|0.10|50000|1.01|-|UZ*6 TJ*2 AZ*2|-|Galvanised corrugated sheets
7403110000|0.7|9.15|0.04|62000|1.00|-|CN*7 TR*4 AE*2|-|Refined copper cathodes, grade A
7404001000|0.3|6.80|0.10|22000|1.01|-|CN*6 KR*2 AE*2|-|Copper waste, sorted
7408110000|0.3|9.60|0.05|24000|1.02|-|UZ*5 TR*3 AE|-|Copper wire rod, 8 mm
7601100000|0.4|2.45|0.07|60000|1.00|-|TR*4 CN*4 GR*2|-|Unwrought aluminium, primary
7801100000|0.3|2.10|0.06|60000|1.00|-|CN*4 ES*2 TR*2|-|Refined lead ingots
7901110000|0.5|2.70|0.06|62000|1.00|-|CN*5 TR*4|-|Unwrought zinc 99.99 %
8108200000|0.2|9.50|0.12|18000|1.05|-|FR*3 KR*3 GB*2 US*2|-|Titanium sponge
8112992000|0.1|320|0.20|500|1.10|-|US*3 CN*2 DE*2|-|Rhenium and beryllium products
8482109008|0.3|7.20|0.30|6000|1.06|pcs796:.9|UZ*4 AZ*3 IN*2|-|Roller bearings for rolling stock
8507100000|0.3|3.10|0.15|18000|1.03|pcs796:15|UZ*5 KG*3 TJ*2 AE*2|Kainarium|Starter batteries
8471500000|0.2|95.0|0.50|300|1.35|pcs796:9|KG*3 UZ*3 AE*2|Servix|Processing units, re-exported
8542319000|0.2|480|0.60|60|1.40|-|KG*3 UZ*2 AE*2 HK*2|-|Processors and controllers, integrated circuits
8704219100|0.2|7.60|0.15|7800|1.00|pcs796:2600|UZ*4 TJ*3 KG*3|Foton Line|Lorries, re-exported, gross weight up to 5 t
2208600000|0.1|3.20|0.25|9000|1.40|l112:1|UZ*3 CN*2 DE@1.3|Steppe Line|Vodka in bottles of 0.5 l
1905905500|0.2|2.60|0.20|7000|1.18|-|UZ*3 KG*4 TJ*2 MN*2|Bayan Gold|Biscuits and crackers
`;
