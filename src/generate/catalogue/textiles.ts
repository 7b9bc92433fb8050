/** Chapters 50–71. Columns as in catalogue.ts. */
export const TEXTILES = `
5205120000|0.3|2.60|0.13|16000|1.03|-|UZ*8@.9 IN*2 TR@1.15|-|Cotton yarn, single, carded
5407520000|0.4|5.10|0.35|6500|1.04|m2 055:.16|CN*8@.85 KR*2@1.5 TR*2@1.3|-|Dyed woven fabric of polyester filament
5703390000|0.4|3.40|0.30|7000|1.05|m2 055:1.6|TR*5 CN*3@.8 UZ*2@.8 BE*2@1.5|Merinos Line;Silk Carpet|Tufted carpets of polypropylene
5903909900|0.2|5.90|0.35|3200|1.05|-|CN*7 TR*3@1.1|-|Textile fabric coated with plastics
6109100000|1.2|21.5|0.50|1500|1.14|pcs796:.2|CN*5@.75 TR*4@1.1 UZ*3@.75 BD*3@.85|Basicwear;Nomadiq;Harbour Polo|Cotton T-shirts for men;Cotton T-shirts for women;T-shirts for children, cotton
6110209900|0.7|21.5|0.50|1300|1.14|pcs796:.42|CN*5@.8 TR*4@1.1 BD*2@.8 UZ*2@.75|Nomadiq;Koton Line|Cotton jumpers and pullovers, knitted
6115950000|0.4|11.0|0.40|1400|1.12|pr715:.05|CN*5@.8 TR*4@1.05 UZ*3@.7|Footsy;Penti Line|Cotton socks, knitted
6203423100|0.8|19.5|0.50|1600|1.13|pcs796:.62|CN*5@.8 TR*4@1.15 BD*3@.75|Denimark;Ridgeway;Colin Line|Men's denim trousers
6204623100|0.7|20.5|0.50|1500|1.13|pcs796:.55|CN*5@.8 TR*4@1.15 BD*3@.75|Denimark;Zarina;Lime Grove|Women's denim trousers
6202401000|0.6|23.0|0.55|1400|1.15|pcs796:1.05|CN*8@.8 TR*3@1.15 VN*2@1.3|Nordwind;Colmont|Women's padded jackets of man-made fibres
6201401000|0.5|23.5|0.55|1400|1.15|pcs796:1.2|CN*8@.8 TR*3@1.15 VN*2@1.3|Nordwind;Colmont|Men's padded jackets of man-made fibres
6302210000|0.4|8.90|0.35|2600|1.10|-|CN*4@.85 TR*5@1.1 UZ*3@.85 PK*3@.8|Tashome;Ozdil Line|Bed linen, printed, of cotton
6309000000|0.3|1.35|0.35|14000|1.02|-|GB*3 DE*3@1.1 AE*2@.8 PK*2@.7|-|Worn clothing, sorted, in bales
6402993900|0.9|13.8|0.45|2400|1.20|pr715:.62|CN*9@.85 VN*3@1.6 TR*3@1.1|Runwell;Stridemax;Trailcat|Footwear with outer soles and uppers of plastics
6403993600|0.8|27.0|0.50|1800|1.22|pr715:.95|CN*7@.75 TR*4@1.05 IT*2@2.6 VN*2@1.2|Gerzi;Eccola;Timberhill|Men's leather shoes;Men's leather boots
6404110000|1.0|16.5|0.50|2200|1.20|pr715:.68|CN*7@.8 VN*4@1.35 ID*3@1.3 TR*2|Runwell;Stridemax;Velonia;Trailcat|Sports shoes with textile uppers;Trainers, textile uppers
6802931000|0.2|0.62|0.25|21000|1.02|m2 055:54|CN*6 IN*2@1.2 TR@1.3|-|Granite slabs, polished
6907219001|0.6|0.52|0.18|22000|1.02|m2 055:20|CN*5@.9 IR*3@.7 IN*3@.9 ES*2@1.7|Ceramika Gold;Kerranova|Ceramic floor tiles, porcelain stoneware 60×60
6911100000|0.3|3.60|0.40|6000|1.18|-|CN*9@.85 TR*2@1.3 DE@4.0|Luminara;Farfor Home|Porcelain tableware, plates and cups
7005292500|0.3|0.42|0.14|21000|1.02|m2 055:10|CN*4 IR*3@.9 UZ*2@.95|-|Float glass, 4 mm, sheets
7010904500|0.3|0.55|0.18|18000|1.05|-|UZ*4 CN*3@1.1 IR*2@.85|-|Glass bottles 0.5 l, colourless
7013370000|0.3|2.60|0.45|5200|1.20|-|CN*6@.85 TR*4@1.1 FR*2@2.2|Pasabah Line;Luminara|Glassware for drinking
7113190000|0.2|46000|0.14|2.2|1.18|gr163:.001|TR*5 AE*3@1.02 IT*3@1.12|-|Articles of jewellery of gold 585
7117190000|0.3|46.0|0.65|160|1.30|-|CN*8@.7 TR*3@1.2 KR@1.6|Bijou Nova|Imitation jewellery of base metal
`;
