/** Chapters 1–24. Columns as in catalogue.ts. */
export const FOOD = `
0202309004|1.0|5.20|0.16|19000|1.04|-|BR*5 AR*2@1.05 PY*2@.97 UY@1.04|-|Boneless beef, frozen, in blocks;Frozen boneless beef forequarter cuts
0207141000|1.0|1.75|0.17|22000|1.05|-|US*5 BR*3@.95 UA*2@.9 TR@1.05|-|Mechanically deboned chicken meat, frozen;Frozen boneless chicken meat
0207146000|1.3|1.45|0.15|23000|1.05|-|US*6 BR*2@1.02 UA*2@.92|-|Chicken leg quarters, frozen, in cartons
0303149000|0.5|6.90|0.18|8000|1.06|-|TR*4 NO*3@1.3 CL*2@1.1|-|Trout, frozen, headless, gutted
0303541000|0.4|2.10|0.16|15000|1.05|-|NO*4 IS*2@1.05 FO@1.1|-|Atlantic mackerel, frozen, whole
0402101900|0.5|3.30|0.14|16000|1.02|-|IR*2@.9 UA*3@.95 NZ*2@1.1 DE*2@1.08|-|Skimmed milk powder, in 25 kg bags
0405101100|0.4|6.40|0.13|9000|1.05|-|NZ*4 UA*2@.9 IE*2@1.1|-|Butter, 82 % fat, in blocks of 25 kg
0406909900|0.4|7.60|0.22|4000|1.08|-|DE*3@1.1 PL*3 NL*2@1.15 UA*2@.8|-|Semi-hard cheese, ripened;Processed cheese in slices
0702000000|1.0|1.10|0.25|14000|1.10|-|UZ*6 TR*2@1.3 IR*2@.85 CN*2@.9|-|Tomatoes, fresh, in crates
0703101900|0.8|0.38|0.25|19000|1.05|-|UZ*6 TJ*4@.9 CN*2@1.1|-|Onions, fresh, in net bags
0803901000|1.0|0.98|0.10|19500|1.12|-|EC*9 PH@1.05 CR@1.02|-|Bananas, fresh, in cartons of 18 kg
0805102000|0.9|0.92|0.18|19000|1.09|-|EG*5@.9 TR*4 ZA*2@1.1 IR*2@.85|-|Sweet oranges, fresh
0806101000|0.6|1.30|0.24|12000|1.10|-|UZ*5@.9 CN*3 IR*2@.9 PE@1.8|-|Table grapes, fresh
0808108001|0.9|0.86|0.22|18000|1.10|-|PL*3 CN*4@.95 IR*2@.8 UZ*2@.75|-|Apples, fresh, in crates
0901210009|0.4|11.5|0.30|900|1.12|-|IT*4@1.15 DE*3 TR*2@.85 AE@.95|Aurelio;Kaffeva|Roasted coffee beans, not decaffeinated, in 1 kg packs
0902300009|0.7|5.40|0.35|2600|1.15|-|IN*4 LK*4@1.2 KE*3@.8 CN@.7|Assam Gold;Shyrak;Tian Shai|Black tea, fermented, in packs up to 3 kg
1006309809|0.5|0.95|0.15|21000|1.01|-|PK*3 IN*3@.97 TH*2@1.1|-|Milled rice, long grain, in bags
1512199009|0.5|1.35|0.11|20000|1.05|-|UA*4 TR*3@1.08 AR@.98|-|Sunflower oil, refined, bottled
1604142600|0.3|5.60|0.20|5000|1.18|-|TH*5 VN*3@.95 EC@1.05|-|Canned tuna in oil
1701991009|0.7|0.62|0.09|22000|1.01|-|BR*4 IN*3@.98 AZ*2@1.02 DZ@1.01|-|White cane sugar, in 50 kg bags
1704907100|0.6|3.40|0.28|5200|1.18|-|TR*5 UA*3@.85 CN*2@.8 DE@1.6|Tatty;Balqaymaq|Boiled sweets, filled;Caramels with fruit filling
1806321000|0.7|6.80|0.30|3100|1.16|-|TR*3@.8 UA*2@.75 DE*3@1.15 CH@1.9|Ambrella;Milkalina|Chocolate bars with nuts, 90 g
1905314300|0.6|3.10|0.26|5400|1.20|-|TR*6 UA*2@.85 PL*2@1.2|Bisconova;Ulkera|Sweet biscuits coated with chocolate
2002903100|0.4|1.22|0.14|18000|1.06|-|CN*5 IR*4@.9 UZ*2@.95 IT@1.3|-|Tomato paste, 30 % dry matter, in drums
2101110000|0.4|17.0|0.34|1100|1.20|-|BR*2@.85 DE*3@1.1 VN*2@.7 IN*2@.75|Kaffeva;Monterra|Instant coffee, freeze-dried, in jars
2106909809|0.6|12.5|0.55|1200|1.18|-|US*3@1.5 DE*2@1.3 CN*3@.7 KR*2|Vitaflora;NutriPeak|Food supplement, vitamin complex in tablets;Protein isolate powder
2202100000|0.5|0.72|0.20|18000|1.08|l112:1|TR*3 UZ*4@.8 AE*2@1.2|Fruttina;Royal Bull|Non-alcoholic carbonated drinks with sugar
2203000100|0.4|1.05|0.25|17000|1.15|l112:1|DE*3@1.3 CZ*3@1.3 UZ*2@.7 CN*2@.8|Hofmeister;Praznik|Malt beer in bottles, 4.8 % alcohol
2204219300|0.4|4.30|0.45|8000|1.45|l112:1|GE*5 IT*3@1.2 FR*3@1.6 MD*3@.7|Tsinanda Estate;Valle Rosso|Red dry wine, in bottles of 0.75 l
2208308200|0.3|15.0|0.45|3500|1.50|l112:1|GB*7 IE@1.05 US*2@.9|Glen Arkaig;Highmoor|Blended whisky in bottles of 0.7 l
2309109000|0.4|2.40|0.35|9000|1.06|-|TR*3 FR*2@1.5 CN*2@.8 UA*2@.85|Felissimo;Canor|Dry cat food in packs;Complete dog food
2402209000|0.3|14.0|0.18|6000|1.25|-|DE*3@1.1 TR*3 AE*3@.9|Altair;Caravel|Filter cigarettes in packs of 20
`;
