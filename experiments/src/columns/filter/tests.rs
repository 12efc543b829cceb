use super::*;

fn holds(text: &str, x: Cell<'_>) -> bool {
    let filter = Filter::parse(&[text.to_owned()]).unwrap_or_else(|e| panic!("{e}"));
    assert!(filter.columns.iter().all(|column| column == "x"));
    filter.holds(&mut |_| x)
}

#[test]
fn numbers_compare_as_numbers_and_text_as_text() {
    assert!(holds("x < 10", Cell::Int(9)) && !holds("x < 10", Cell::Int(10)));
    assert!(holds("x >= 1.5", Cell::Float(1.5)) && holds("x = 2", Cell::Float(2.0)));
    assert!(holds("x < 10", Cell::Text(b"9")) && !holds("x < '10'", Cell::Text(b"9")));
    assert!(holds("x = done", Cell::Text(b"done")) && holds("x = 'it''s'", Cell::Text(b"it's")));
    assert!(holds("x = none", Cell::Text(b"none")) && !holds("x = none", Cell::Text(b"ga")));
    assert!(holds("x = true", Cell::Bool(true)) && holds("x != true", Cell::Bool(false)));
    assert!(holds("x in (1, 2.5)", Cell::Float(2.5)) && holds("x not in (1, 2)", Cell::Int(3)));
    assert!(holds("x = 9007199254740993", Cell::Int(9_007_199_254_740_993)));
    assert!(!holds("x = 9007199254740993", Cell::Int(9_007_199_254_740_992)));
}

#[test]
fn what_is_missing_is_neither_true_nor_false() {
    for missing in [Cell::Null, Cell::Float(f64::NAN)] {
        assert!(!holds("x < 10", missing) && !holds("not x < 10", missing) && !holds("x not in (1)", missing));
        assert!(holds("x is null", missing) && !holds("x is not null", missing));
        assert!(holds("x < 1 or x is null", missing));
    }
}

#[test]
fn not_binds_closer_than_and_and_that_closer_than_or() {
    assert!(holds("x = 1 or x = 2 and x = 3", Cell::Int(1)));
    assert!(!holds("(x = 1 or x = 2) and x = 3", Cell::Int(1)));
    assert!(holds("not x = 1 and x = 2", Cell::Int(2)) && !holds("not (x = 1 or x = 2)", Cell::Int(2)));
}

#[test]
fn a_mistake_is_named_with_its_place() {
    let wrong = |text: &str| Filter::parse(&[text.to_owned()]).unwrap_err().to_string();
    assert!(wrong("x <").contains("character 4: found the end"), "{}", wrong("x <"));
    assert!(wrong("x ~ 3").contains("character 3: found ~, expected =, !="), "{}", wrong("x ~ 3"));
    assert!(wrong("x = 'a").contains("never closed"));
    assert!(wrong("é = 1 1").contains("character 7"));
    assert!(wrong("x = null").contains("is null") && wrong("x = nan").contains("is null"));
    assert!(wrong(&format!("{}x = 1", "(".repeat(100))).contains("fewer parentheses"));
    assert!(wrong("").contains("a column"));
}
